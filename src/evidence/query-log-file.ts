import { open, readFile, rm, type FileHandle } from 'node:fs/promises';

import { EnvironmentError, InputError } from '../base/index.js';
import { readFileLimited } from '../files/index.js';
import { advanceQueries, encodeEntry, type QueryLog } from '../protocol/index.js';
import { readQueries } from '../verifier/index.js';

/** Largest query log that is read, in bytes. */
export const maxQueryLogBytes = 2 ** 30;

/** A query log on disk, one line an entry. */
export interface QueryLogFile extends QueryLog {
  /** Where it is: another place than it was opened at, if that failed. */
  readonly path: string;
  /** Closes the file, and removes it if nothing was going to be asked yet: there is nothing to go on with. */
  close(): Promise<void>;
}

/** A file as far as it is known to hold whole lines. */
interface Place {
  readonly path: string;
  readonly file: FileHandle;
  readonly length: number;
}

/**
 * Opens a query log, or makes a new one that only its owner can read. Each line is flushed before `append` resolves. A last line
 * that a crash cut off was not yet relied on, and is removed. Where the place fails in mid-session, the log moves to `elsewhere`:
 * a batch is spent and cannot be asked about again. Throws `InputError` `queries.format`, `EvidenceError` `queries.chain` or
 * `queries.bodies` for a file that is no sound log, `EnvironmentError` `file.write`.
 */
export async function openQueryLog(
  path: string,
  { elsewhere }: { elsewhere?: string } = {},
): Promise<QueryLogFile> {
  const opened = await openPlace(path);
  let { place, state } = opened;
  return {
    get state() {
      return state;
    },
    get path() {
      return place.path;
    },
    append: async (entry) => {
      const line = encodeEntry(state, entry);
      const next = advanceQueries(state, line.subarray(0, -1));
      try {
        place = await write(place, line);
      } catch (error) {
        if (elsewhere === undefined || place.path === elsewhere)
          throw cannotWrite(place.path, error);
        place = await move(place, elsewhere, line);
      }
      state = next;
    },
    close: async () => {
      await place.file.close();
      if (state.plan === undefined) await rm(place.path, { force: true });
    },
  };
}

async function openPlace(path: string): Promise<{ place: Place; state: QueryLog['state'] }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'a+', 0o600);
    const bytes = await readFileLimited(path, { limit: maxQueryLogBytes, what: 'query log' });
    const length = bytes.lastIndexOf(0x0a) + 1;
    const state = readQueries(bytes.subarray(0, length));
    if (length < bytes.length) await file.truncate(length);
    return { place: { path, file, length }, state };
  } catch (error) {
    await file?.close();
    const isOfPlace = !file || (error instanceof InputError && error.code === 'file.read');
    throw isOfPlace ? cannotWrite(path, error) : error;
  }
}

async function write({ path, file, length }: Place, line: Uint8Array): Promise<Place> {
  try {
    await file.appendFile(line);
    await file.datasync();
  } catch (error) {
    // A line that is there in part would spoil the next one.
    await file.truncate(length).catch(() => undefined);
    throw error;
  }
  return { path, file, length: length + line.length };
}

/** Copies a log that can be read and no longer written, with one more line, and removes it where it was. */
async function move(from: Place, path: string, line: Uint8Array): Promise<Place> {
  try {
    const before = (await readFile(from.path)).subarray(0, from.length);
    const file = await open(path, 'ax', 0o600);
    const to = await write({ path, file, length: 0 }, Buffer.concat([before, line]));
    await from.file.close();
    await rm(from.path, { force: true });
    return to;
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): EnvironmentError {
  return new EnvironmentError({
    code: 'file.write',
    message: `cannot write the query log ${path}: ${(error as Error).message}`,
    hint: 'free some space, or choose a place that you may write to',
    cause: error,
  });
}
