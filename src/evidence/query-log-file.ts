import { open, type FileHandle, rm } from 'node:fs/promises';

import { EnvironmentError, InputError } from '../base/index.js';
import { readFileLimited } from '../files/index.js';
import { advanceQueries, encodeEntry, type QueryLog } from '../protocol/index.js';
import { readQueries } from '../verifier/index.js';

/** Largest query log that is read, in bytes. */
export const maxQueryLogBytes = 2 ** 30;

/** A query log on disk, one line an entry. */
export interface QueryLogFile extends QueryLog {
  /** Closes the file, and removes it if nothing was going to be asked yet: there is nothing to go on with. */
  close(): Promise<void>;
}

/**
 * Opens a query log, or makes a new one that only its owner can read. Each line is flushed before `append` resolves. A last line
 * that a crash cut off was not yet relied on, and is removed. Throws `InputError` `queries.format`, `EvidenceError`
 * `queries.chain` or `queries.bodies` for a file that is no sound log, `EnvironmentError` `file.write`.
 */
export async function openQueryLog(path: string): Promise<QueryLogFile> {
  let file: FileHandle;
  try {
    file = await open(path, 'a+', 0o600);
  } catch (error) {
    throw cannotWrite(path, error as Error);
  }
  try {
    const bytes = await readFileLimited(path, { limit: maxQueryLogBytes, what: 'query log' });
    const length = bytes.lastIndexOf(0x0a) + 1;
    let state = readQueries(bytes.subarray(0, length));
    if (length < bytes.length) await file.truncate(length);
    let broken = false;
    return {
      get state() {
        return state;
      },
      append: async (entry) => {
        const line = encodeEntry(state, entry);
        // A line that was written in part could not be told from one that was altered.
        if (broken) throw cannotWrite(path, new Error('an earlier line could not be written'));
        const next = advanceQueries(state, line.subarray(0, -1));
        try {
          broken = true;
          await file.appendFile(line);
          await file.datasync();
          broken = false;
        } catch (error) {
          throw cannotWrite(path, error as Error);
        }
        state = next;
      },
      close: async () => {
        await file.close();
        if (state.plan === undefined) await rm(path, { force: true });
      },
    };
  } catch (error) {
    await file.close();
    throw error instanceof InputError && error.code === 'file.read'
      ? cannotWrite(path, error)
      : error;
  }
}

function cannotWrite(path: string, error: Error): EnvironmentError {
  return new EnvironmentError({
    code: 'file.write',
    message: `cannot write the query log ${path}: ${error.message}`,
    hint: 'free some space, or choose a place that you may write to, and go on with the session',
    cause: error,
  });
}
