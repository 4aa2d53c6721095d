import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { concatBytes, EnvironmentError, InputError } from '../base/index.js';
import type { RandomBytes } from '../crypto/index.js';
import { readFileLimited, takeLock, writeFileAtomic } from '../files/index.js';
import {
  decodeJournal,
  encodeJournalBegin,
  encodeJournalRecord,
  type Journal,
  type JournalBegin,
  type JournalEnd,
  type JournalRecord,
  newJournalBegin,
  type Party,
  secretOf,
} from '../protocol/index.js';

const maxBytes = 2 ** 31 - 1;

/** A journal of one session as a file that only this process writes, until `close`. */
export interface FileJournal extends Journal {
  readonly path: string;
  /** Lets other processes have it; the session can be gone on with. */
  close(): Promise<void>;
  /** Removes the file, and with it the session's secret: the session is over and its transcript is kept. */
  remove(): Promise<void>;
}

/**
 * Opens the journal of a session, or begins one: its file is made with the first record, so that what was never begun leaves nothing
 * behind. Throws `InputError` `journal.damaged`, `journal.session` for one of another role or commitment, `EnvironmentError`
 * `file.locked` while another process has it.
 */
export async function openJournal(
  path: string,
  options: { role: Party; commitment: Uint8Array; random: RandomBytes },
): Promise<FileJournal> {
  await makeFolder(dirname(path));
  const release = await takeLock(path);
  try {
    const found = await readJournal(path);
    const begin = newJournalBegin({ ...options, secret: options.random(32) });
    if (found) checkOwn(path, found.begin, begin);
    return journalAt(path, found ?? { begin, records: [], end: undefined }, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** Reads a journal without taking it; nothing where there is none. Throws `InputError` `journal.damaged`. */
export async function readJournal(
  path: string,
): Promise<{ begin: JournalBegin; records: JournalRecord[]; end: JournalEnd } | undefined> {
  try {
    return decodeJournal(await readFileLimited(path, { limit: maxBytes, what: 'journal' }));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.code === 'file.missing') return undefined;
    const { code, message, hint } = error;
    throw new InputError({ code, message: `${path}: ${message}`, hint, cause: error });
  }
}

function journalAt(
  path: string,
  {
    begin,
    records,
    end: found,
  }: {
    begin: JournalBegin;
    records: readonly JournalRecord[];
    end: JournalEnd | undefined;
  },
  release: () => Promise<void>,
): FileJournal {
  let end = found;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await release();
  };
  return {
    path,
    secret: secretOf(begin),
    records,
    append: async (record) => {
      if (end === undefined) {
        const start = encodeJournalBegin(begin);
        const first = encodeJournalRecord(start.end, record);
        await writeFileAtomic(path, concatBytes(start.bytes, first.bytes), { mode: 0o600 });
        ({ end } = first);
        return;
      }
      const next = encodeJournalRecord(end, record);
      await writeAt(path, end.length, next.bytes);
      ({ end } = next);
    },
    close,
    remove: async () => {
      await rm(path, { force: true });
      await close();
    },
  };
}

/** Writes behind what is sound, in place of what a failure may have left there, and flushes it to disk. */
async function writeAt(path: string, length: number, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'r+');
    try {
      await file.truncate(length);
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.subarray(written);
        written += (await file.write(rest, 0, rest.length, length + written)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new EnvironmentError({
      code: 'file.write',
      message: `cannot write the journal ${path}: ${(cause as Error).message}`,
      hint: 'free some space, then run the same command again: the session goes on',
      cause,
    });
  }
}

function checkOwn(path: string, found: JournalBegin, own: JournalBegin): void {
  if (found.role === own.role && found.commitment === own.commitment) return;
  throw new InputError({
    code: 'journal.session',
    message: `${path} is the journal of ${found.role === 'judge' ? 'a judge' : 'an owner'} in a session about the commitment ${found.commitment}`,
    hint: 'go on with the same files and options as before, or name another transcript',
  });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new EnvironmentError({
      code: 'file.write',
      message: `cannot make the folder ${folder}: ${(cause as Error).message}`,
      hint: 'choose a place that you may write to',
      cause,
    });
  }
}
