import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { bytesToHex, equalBytes } from '../base/index.js';
import { type RandomBytes, taggedHash } from '../crypto/index.js';
import { listFolder } from '../files/index.js';
import {
  decodeTranscript,
  encodeMessage,
  type Journal,
  type JournalRecord,
} from '../protocol/index.js';
import { archivedJournal } from './archived.js';
import { type FileJournal, openJournal, readJournal } from './file-journal.js';

const ending = '.journal';

/** A session that waits in its journal for the judge to come back. */
export interface WaitingSession {
  readonly name: string;
  /** The judge's first message. */
  readonly hello: Uint8Array;
  /** When its journal was last written, in milliseconds since 1970. */
  readonly changed: number;
  readonly records: readonly JournalRecord[];
}

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

  /** The session that a hello began and that is over, if there is one: all that is left is to say it again. */
  async ended(hello: Uint8Array): Promise<Journal | undefined> {
    const file = await readFile(this.transcriptPath(this.nameOf(hello))).catch(() => undefined);
    if (!file) return undefined;
    const transcript = new Uint8Array(file);
    const [first] = decodeTranscript(transcript).messages;
    if (!first || !equalBytes(encodeMessage(first), hello)) return undefined;
    return archivedJournal(transcript, 'owner');
  }

  /** The journal of the session that a hello begins. Throws as `openJournal` does. */
  open(hello: Uint8Array): Promise<FileJournal> {
    return openJournal(this.#pathOf(this.nameOf(hello)), {
      role: 'owner',
      commitment: this.#commitment,
      random: this.#random,
    });
  }

  /** Sessions that are not over, of any process. Damaged journals are left out. */
  async waiting(): Promise<WaitingSession[]> {
    const files = await listFolder(this.#journals).catch(() => []);
    const sessions: WaitingSession[] = [];
    for (const { name: file } of files.filter(({ name }) => name.endsWith(ending))) {
      const path = join(this.#journals, file);
      const [found, state] = await Promise.all([
        readJournal(path).catch(() => undefined),
        stat(path).catch(() => undefined),
      ]);
      const records = found?.records ?? [];
      const [first] = records;
      if (first?.kind !== 'peer' || !state) continue;
      const name = file.slice(0, -ending.length);
      sessions.push({ name, hello: first.message, changed: state.mtimeMs, records });
    }
    return sessions;
  }

  #pathOf(name: string): string {
    return join(this.#journals, `${name}${ending}`);
  }
}
