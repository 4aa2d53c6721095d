import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { bytesToHex, canonicalBytes, InputError } from '../../base/index.js';
import { taggedHash } from '../../crypto/hash.js';
import type { Environment } from '../secrets.js';

/** The file that a command's first word means, found as the system would. Throws `InputError` `suspect.command`. */
export async function findProgram(name: string, environment: Environment): Promise<string> {
  const folders = name.includes('/') ? [''] : (environment['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    const path = join(folder, name);
    const isRunnable = await access(path, constants.X_OK).then(
      () => isFile(path),
      () => false,
    );
    if (isRunnable) return path;
  }
  throw new InputError({
    code: 'suspect.command',
    message: `there is no program ${JSON.stringify(name)} that can be run`,
    hint: 'check the path, or make the file runnable with chmod +x',
  });
}

/** SHA-256 of a file of any length, in hexadecimal; by native code, as weights have gigabytes. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest('hex');
}

/** The digest of each argument that names a file: scripts and weights that decide what a program answers. */
export async function argumentDigests(
  words: readonly string[],
): Promise<{ argument: number; sha256: string }[]> {
  const found: { argument: number; sha256: string }[] = [];
  for (const [argument, word] of words.entries()) {
    if (await isFile(word)) found.push({ argument, sha256: await fileSha256(word) });
  }
  return found;
}

/** The program and the files of its line as they are now, by digest: whether they change in mid-session. Never throws. */
export async function identifyFiles(program: string, words: readonly string[]): Promise<string> {
  try {
    const files = { arguments: await argumentDigests(words), program: await fileSha256(program) };
    return bytesToHex(taggedHash('veilmark/suspect-identity/1', [canonicalBytes(files)]));
  } catch {
    return 'a file that cannot be read';
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
