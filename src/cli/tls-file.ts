import { lstat } from 'node:fs/promises';

import { InputError, utf8ToBytes } from '../base/index.js';
import { type KeyPair, seal, systemRandom } from '../crypto/index.js';
import { writeSecret } from '../files/index.js';
import {
  checkOwnCredentials,
  makeTlsCredentials,
  type TlsCredentials,
} from '../transport/index.js';
import { inFile } from './naming.js';
import type { PassphraseArguments } from './passphrase.js';
import { openSecret } from './secret-files.js';

const content = 'tls';
const certificateStart = '-----BEGIN CERTIFICATE-----';

/** The file with a key's TLS credentials, beside the key. */
export function tlsFile(key: string): string {
  return `${key}.tls`;
}

/** Makes TLS credentials for a key and writes them beside it: two PEM blocks, sealed as the key is. Throws `InputError` `file.exists`. */
export async function writeTlsFile(
  keyFile: string,
  {
    identity,
    passphrase,
    days,
    replace = false,
  }: { identity: KeyPair; passphrase: string | undefined; days: number; replace?: boolean },
): Promise<void> {
  const made = makeTlsCredentials({ identity, now: new Date(), days, random: systemRandom });
  const bytes = utf8ToBytes(`${made.privateKey}${made.certificate}`);
  const file = seal({ content, bytes, passphrase, random: systemRandom });
  await writeSecret(tlsFile(keyFile), file, { replace });
}

/** The TLS credentials beside a key, or nothing where there are none. Throws `InputError` `file.*`, `sealed.*`, `tls.*`. */
export async function readTlsFile(
  keyFile: string,
  identity: KeyPair,
  args: PassphraseArguments,
): Promise<TlsCredentials | undefined> {
  const path = tlsFile(keyFile);
  if ((await lstat(path).catch(() => undefined)) === undefined) return undefined;
  return inFile(path, async () => {
    const text = new TextDecoder().decode(await openSecret(path, content, args));
    const at = text.indexOf(certificateStart);
    if (at < 0) {
      throw new InputError({
        code: 'tls.file',
        message: 'the TLS file holds no certificate',
        hint: 'make it again with `veilmark keygen --tls-only KEY`',
      });
    }
    const credentials = { privateKey: text.slice(0, at), certificate: text.slice(at) };
    checkOwnCredentials(credentials, { identity, now: new Date() });
    return credentials;
  });
}
