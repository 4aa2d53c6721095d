import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { InputError } from '../../base/index.js';
import { readFileLimited } from '../../files/index.js';

/** Files with lines of `SHA-256  name`, as `sha256sum` writes them. */
const digestFiles = ['digests.txt', 'SHA256SUMS'];

/** A folder of data files whose digests may lie beside them. */
export interface CheckedFolder {
  readonly path: string;
  /**
   * Reads a file of at most `limit` bytes, or gives nothing where there is none. Throws `InputError` `dataset.digest` if it
   * is listed with another digest, `file.size` and `file.read`.
   */
  read(name: string, limit: number): Promise<Uint8Array | undefined>;
}

/**
 * Opens a folder of data files. Those that `digests.txt` or `SHA256SUMS` in it list are compared with their digest when
 * they are read. Throws `InputError` `dataset.digest-file` for a line of these that cannot be read.
 */
export async function checkedFolder(path: string): Promise<CheckedFolder> {
  const listed: Listed[] = [];
  for (const name of digestFiles) {
    const bytes = await readOptional(join(path, name), 2 ** 20);
    if (bytes !== undefined) listed.push(...parseDigests(bytes, join(path, name)));
  }
  return {
    path,
    async read(name, limit) {
      const bytes = await readOptional(join(path, name), limit);
      const entries = listed.filter((entry) => entry.name === name);
      if (bytes !== undefined && entries.length > 0) compare(bytes, join(path, name), entries);
      return bytes;
    },
  };
}

/** A file's expected digest, and the file that says so. */
interface Listed {
  readonly name: string;
  readonly digest: string;
  readonly source: string;
}

function parseDigests(bytes: Uint8Array, source: string): Listed[] {
  const listed: Listed[] = [];
  for (const [i, line] of new TextDecoder().decode(bytes).split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const match = /^([0-9a-f]{64})\s+\*?(?:\.\/)?(\S.*)$/i.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new InputError({
        code: 'dataset.digest-file',
        message: `line ${i + 1} of ${source} is no SHA-256 and name`,
        hint: 'write it with: sha256sum FILES > SHA256SUMS',
      });
    }
    listed.push({ digest: match[1].toLowerCase(), name: match[2].trimEnd(), source });
  }
  return listed;
}

function compare(bytes: Uint8Array, path: string, entries: readonly Listed[]): void {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const wrong = entries.find((entry) => entry.digest !== digest);
  if (wrong === undefined) return;
  throw new InputError({
    code: 'dataset.digest',
    message: `${path} has the SHA-256 ${digest}, ${wrong.source} says ${wrong.digest}`,
    hint: 'the file was changed or cut off: fetch it again',
  });
}

async function readOptional(path: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    return await readFileLimited(path, { limit, what: 'data file' });
  } catch (error) {
    if (error instanceof InputError && error.code === 'file.missing') return undefined;
    throw error;
  }
}
