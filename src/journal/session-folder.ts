import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { bytesToHex, equalBytes, InputError } from '../base/index.js';
import { type RandomBytes, taggedHash } from '../crypto/index.js';
import { listFolder, readFileLimited, withLock, writeFileAtomic } from '../files/index.js';
import {
  decodeTranscript,
  encodeMessage,
  type Journal,
  type JournalRecord,
} from '../protocol/index.js';
import { archivedJournal } from './archived.js';
import { type FileJournal, openJournal, readJournal } from './file-journal.js';

const ending = '.journal';
/** Beside the journal of a session whose messages people carry. */
const carriedEnding = '.carried';
const maxTranscriptBytes = 2 ** 31 - 1;

/** A session that waits in its journal for the judge to come back. */
export interface WaitingSession {
  readonly name: string;
  /** The judge's first message. */
  readonly hello: Uint8Array;
  /** When its journal was last written, in milliseconds since 1970. */
  readonly changed: number;
  readonly records: readonly JournalRecord[];
  /** Its messages are files that people carry: no deadline runs. */
  readonly isCarried: boolean;
}

/** A session that a judge's hello begins: one to go on with, or one that is over, of which all that is left is to say it again. */
export type TakenSession =
  | { readonly kind: 'open'; readonly journal: FileJournal }
  | { readonly kind: 'over'; readonly journal: Journal };

/** An owner's sessions: running ones as journals in one folder, ended ones as transcripts in another, both named by the judge's hello. */
export class SessionFolder {
  readonly #journals: string;
  readonly #transcripts: string;
  readonly #commitment: Uint8Array;
  readonly #random: RandomBytes;

  constructor(options: {
    journals: string;
    transcripts: string;
    commitment: Uint8Array;
    random: RandomBytes;
  }) {
    this.#journals = options.journals;
    this.#transcripts = options.transcripts;
    this.#commitment = options.commitment;
    this.#random = options.random;
  }

  /** The name of the session that a judge's first message begins: half of its digest, in hexadecimal. */
  nameOf(hello: Uint8Array): string {
    return bytesToHex(taggedHash('veilmark/session-name/1', [hello])).slice(0, 32);
  }

  transcriptPath(name: string): string {
    return join(this.#transcripts, `${name}.transcript`);
  }

  /**
   * The session that a hello begins, for this process alone. One that is over is said again from its transcript, whatever a process
   * that was stopped left of its journal. Throws as `openJournal` and `decodeTranscript` do.
   */
  async take(hello: Uint8Array, { isCarried = false } = {}): Promise<TakenSession> {
    const path = this.#pathOf(this.nameOf(hello));
    const before = await this.#ended(hello);
    if (before) {
      await rm(path, { force: true });
      await rm(carriedMark(path), { force: true });
      return { kind: 'over', journal: before };
    }
    const journal = await openJournal(path, {
      ...{ role: 'owner', commitment: this.#commitment, random: this.#random },
    });
    try {
      // Whoever had the journal before may have ended the session meanwhile.
      const ended = await this.#ended(hello);
      if (ended) {
        await journal.remove();
        return { kind: 'over', journal: ended };
      }
      return { kind: 'open', journal: await marked(journal, isCarried) };
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  /** Names of the sessions that have a journal, of any process. */
  async names(): Promise<string[]> {
    const files = await listFolder(this.#journals).catch(() => []);
    return files
      .filter(({ name }) => name.endsWith(ending))
      .map(({ name }) => name.slice(0, -ending.length));
  }

  /** A session that is not over, of any process; nothing for a damaged journal. */
  async find(name: string): Promise<WaitingSession | undefined> {
    const path = this.#pathOf(name);
    const [found, state] = await Promise.all([
      readJournal(path).catch(() => undefined),
      stat(path).catch(() => undefined),
    ]);
    const records = found?.records ?? [];
    const [first] = records;
    if (first?.kind !== 'peer' || !state) return undefined;
    const isCarried = existsSync(carriedMark(path));
    return { name, hello: first.message, changed: state.mtimeMs, records, isCarried };
  }

  /** Sessions that are not over, of any process. Damaged journals are left out. */
  async waiting(): Promise<WaitingSession[]> {
    const sessions: WaitingSession[] = [];
    for (const name of await this.names()) {
      const found = await this.find(name);
      if (found) sessions.push(found);
    }
    return sessions;
  }

  /** Runs `work` while no other process is in it. Throws as `withLock` does. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(this.#journals, { recursive: true, mode: 0o700 });
    return withLock(join(this.#journals, 'turn'), work);
  }

  /** The session that a hello began and that is over, if there is one. */
  async #ended(hello: Uint8Array): Promise<Journal | undefined> {
    const path = this.transcriptPath(this.nameOf(hello));
    const options = { limit: maxTranscriptBytes, what: 'transcript' };
    const transcript = await readFileLimited(path, options).catch((error: unknown) => {
      // Any other failure must not begin the session a second time.
      if (error instanceof InputError && error.code === 'file.missing') return undefined;
      throw error;
    });
    const [first] = transcript ? decodeTranscript(transcript).messages : [];
    if (!transcript || !first || !equalBytes(encodeMessage(first), hello)) return undefined;
    return archivedJournal(transcript, 'owner');
  }

  #pathOf(name: string): string {
    return join(this.#journals, `${name}${ending}`);
  }
}

function carriedMark(path: string): string {
  return `${path.slice(0, -ending.length)}${carriedEnding}`;
}

/** Notes how the session's messages travel now; the note goes with the journal. */
async function marked(journal: FileJournal, isCarried: boolean): Promise<FileJournal> {
  const mark = carriedMark(journal.path);
  if (isCarried) await writeFileAtomic(mark, '', { mode: 0o600 });
  else await rm(mark, { force: true });
  return {
    ...journal,
    close: async () => {
      if (!existsSync(journal.path)) await rm(mark, { force: true });
      await journal.close();
    },
    remove: async () => {
      await rm(mark, { force: true });
      await journal.remove();
    },
  };
}
