import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { Type, type Static } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  frame,
  hexBytes,
  InputError,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from './hash.js';
import type { RandomBytes } from './random.js';
import { defaultCost, slowHash } from './slow-hash.js';

/**
 * A sealed file: the line `veilmark/sealed/1`, a line of canonical JSON (what is inside and how it is closed), then the
 * bytes. Encrypted with XChaCha20-Poly1305 under scrypt of a passphrase, the header authenticated; or, when the user
 * asks for plain text, with a digest against accidents.
 */
const magic = utf8ToBytes('veilmark/sealed/1\n');
const plainDigestTag = 'veilmark/sealed-plain/1';

const Hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
const Header = Type.Union([
  Type.Object(
    {
      cipher: Type.Literal('xchacha20-poly1305'),
      content: Type.String({ minLength: 1, maxLength: 31 }),
      // Up to the default: a file from elsewhere must not make its reader take gigabytes.
      logN: Type.Integer({ minimum: 10, maximum: defaultCost.logN }),
      nonce: Hex(24),
      salt: Hex(32),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      cipher: Type.Literal('none'),
      content: Type.String({ minLength: 1, maxLength: 31 }),
      digest: Hex(32),
    },
    { additionalProperties: false },
  ),
]);
type Header = Static<typeof Header>;

/** Whether bytes start as a sealed file does. */
export function isSealed(file: Uint8Array): boolean {
  return equalBytes(file.subarray(0, magic.length), magic);
}

/** Seals bytes under a passphrase, or as marked plain text when there is none. */
export function seal({
  content,
  bytes,
  passphrase,
  random,
  logN = defaultCost.logN,
}: {
  /** What is inside, e.g. `mark`. */
  content: string;
  bytes: Uint8Array;
  passphrase: string | undefined;
  random: RandomBytes;
  logN?: number;
}): Uint8Array {
  if (passphrase === undefined) {
    const digest = bytesToHex(taggedHash(plainDigestTag, [content, bytes]));
    return assemble({ cipher: 'none', content, digest }, bytes);
  }
  const [nonce, salt] = [random(24), random(32)];
  const header: Header = {
    cipher: 'xchacha20-poly1305',
    content,
    logN,
    nonce: bytesToHex(nonce),
    salt: bytesToHex(salt),
  };
  return assemble(header, cipherFor(header, passphrase).encrypt(bytes));
}

/** What a sealed file says of itself without being opened. Throws `InputError` `sealed.format`. */
export function sealedHeader(file: Uint8Array): Header {
  return split(file).header;
}

/**
 * Opens a sealed file. Throws `InputError` with `sealed.format` (not one, or truncated in its header), `sealed.content`
 * (another kind of content), `sealed.passphrase` (missing, wrong, or the file was changed: the cipher cannot tell), or
 * `sealed.damaged` (plain text that was changed).
 */
export function unseal({
  file,
  content,
  passphrase,
}: {
  file: Uint8Array;
  content: string;
  passphrase: string | undefined;
}): Uint8Array {
  const { header, body } = split(file);
  if (header.content !== content) {
    throw new InputError({
      code: 'sealed.content',
      message: `the file holds a ${header.content}, not a ${content}`,
    });
  }
  if (header.cipher === 'none') {
    if (bytesToHex(taggedHash(plainDigestTag, [content, body])) === header.digest) return body;
    throw new InputError({
      code: 'sealed.damaged',
      message: `the ${content} file is damaged: its digest does not fit`,
      hint: 'restore it from a backup',
    });
  }
  if (passphrase === undefined) {
    throw new InputError({
      code: 'sealed.passphrase',
      message: `the ${content} file is encrypted and there is no passphrase`,
      hint: 'give --passphrase-file FILE, set VEILMARK_PASSPHRASE, or run in a terminal',
    });
  }
  try {
    return cipherFor(header, passphrase).decrypt(body);
  } catch (cause) {
    throw new InputError({
      code: 'sealed.passphrase',
      message: `the ${content} file does not open: the passphrase is wrong, or the file was changed`,
      hint: 'try the passphrase again; if it is right, restore the file from a backup',
      cause,
    });
  }
}

function cipherFor(
  header: Extract<Header, { cipher: 'xchacha20-poly1305' }>,
  passphrase: string,
): ReturnType<typeof xchacha20poly1305> {
  const key = slowHash({
    input: frame(['veilmark/sealed-key/1', passphrase.normalize('NFC')]),
    salt: hexBytes(header.salt, 32),
    length: 32,
    cost: { ...defaultCost, logN: header.logN },
  });
  const associated = concatBytes(magic, canonicalBytes(header));
  return xchacha20poly1305(key, hexBytes(header.nonce, 24), associated);
}

function assemble(header: Header, body: Uint8Array): Uint8Array {
  return concatBytes(magic, canonicalBytes(header), utf8ToBytes('\n'), body);
}

function split(file: Uint8Array): { header: Header; body: Uint8Array } {
  const end = file.subarray(0, 1000).indexOf(0x0a, magic.length);
  if (!isSealed(file) || end < 0) {
    throw new InputError({
      code: 'sealed.format',
      message: 'not a sealed veilmark file, or its first lines are damaged',
    });
  }
  const header = parseCanonical({
    bytes: file.subarray(magic.length, end),
    schema: Header,
    what: 'sealed file',
    code: 'sealed.format',
  });
  return { header, body: file.subarray(end + 1) };
}
