import { Type } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  equalBytes,
  hexBytes,
  InputError,
  parseCanonical,
} from '../base/index.js';
import { type Commitment, decodeMark, type Mark, markContent } from '../commitment/index.js';
import {
  checkPublicKey,
  type KeyPair,
  keyPairFrom,
  seal,
  sealedHeader,
  systemRandom,
  unseal,
} from '../crypto/index.js';
import { readFileLimited, writeSecret } from '../files/index.js';
import { inFile } from './naming.js';
import { type PassphraseArguments, passphraseToOpen } from './passphrase.js';

const keyContent = 'key';
const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const KeyFile = Type.Object(
  { publicKey: Hex32, secretKey: Hex32 },
  { additionalProperties: false },
);

/** Writes a new key file. Throws `InputError` `file.exists`. */
export async function writeKey(
  path: string,
  key: KeyPair,
  passphrase: string | undefined,
): Promise<void> {
  const bytes = canonicalBytes({
    publicKey: bytesToHex(key.publicKey),
    secretKey: bytesToHex(key.secretKey),
  });
  await writeSecret(path, seal({ content: keyContent, bytes, passphrase, random: systemRandom }));
}

/** Reads a key file. Throws `InputError` `file.*`, `sealed.*` or `key.format`. */
export async function readKey(path: string, args: PassphraseArguments): Promise<KeyPair> {
  return inFile(path, async () => readKeyPair(await openSecret(path, keyContent, args)));
}

function readKeyPair(bytes: Uint8Array): KeyPair {
  const { publicKey, secretKey } = parseCanonical({
    bytes,
    schema: KeyFile,
    what: 'key file',
    code: 'key.format',
  });
  const key = keyPairFrom(hexBytes(secretKey, 32));
  if (!equalBytes(key.publicKey, hexBytes(publicKey, 32))) {
    throw new InputError({
      code: 'key.format',
      message: 'public and secret key do not belong together',
    });
  }
  return key;
}

/** Reads a mark file that belongs to a commitment. Throws `InputError` `file.*`, `sealed.*` or `mark.format`. */
export async function readMark(
  path: string,
  commitment: Commitment,
  args: PassphraseArguments,
): Promise<Mark> {
  return inFile(path, async () =>
    decodeMark(await openSecret(path, markContent, args), commitment.parameters),
  );
}

/** Reads and opens a secret file. Throws `InputError` `file.*`, `sealed.*`. */
export async function openSecret(
  path: string,
  content: string,
  args: PassphraseArguments,
): Promise<Uint8Array> {
  const file = await readFileLimited(path, { limit: 2 ** 31 - 1, what: `${content} file` });
  const isPlain = sealedHeader(file).cipher === 'none';
  const passphrase = isPlain ? undefined : await passphraseToOpen(args, path);
  return unseal({ file, content, passphrase });
}

/** Parses a public key from the command line. Throws `InputError` `usage.public-key`. */
export function parsePublicKey(option: string, text: string): Uint8Array {
  try {
    const publicKey = hexBytes(text.trim().toLowerCase(), 32);
    checkPublicKey(publicKey);
    return publicKey;
  } catch (cause) {
    throw new InputError({
      code: 'usage.public-key',
      message: `--${option} ${JSON.stringify(text.slice(0, 80))} is not a public key`,
      hint: 'give the 64 hexadecimal digits that `veilmark keygen` printed',
      cause,
    });
  }
}
