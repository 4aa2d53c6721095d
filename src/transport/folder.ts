import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { EnvironmentError, equalBytes, InputError } from '../base/index.js';
import { listFolder, readFileLimited, writeFileAtomic } from '../files/index.js';
import {
  type Channel,
  decodeOneMessage,
  type Expected,
  type Message,
  type Party,
  type Wanted,
} from '../protocol/index.js';

const namePattern = /^(\d{4,6})-(judge|owner)-[a-z]{1,20}\.message$/;

/** The name of a message's file: `0003-owner-openings.message`. */
export function messageFileName({
  seq,
  from,
  type,
}: Pick<Message, 'seq' | 'from' | 'type'>): string {
  return `${String(seq).padStart(4, '0')}-${from}-${type}.message`;
}

/**
 * Messages as files in a folder that people carry to and fro, each exactly the bytes of one message. Nothing is waited for: what is
 * not there yet rejects with `session.waiting`, or with `peer.silent` where the peer `isExpired`.
 */
export class FolderChannel implements Channel {
  readonly isCarried = true;
  readonly #folder: string;
  readonly #party: Party;
  readonly #maxMessage: number;
  readonly #isExpired: boolean;
  readonly #read = new Set<string>();
  readonly #onWritten: ((path: string) => void) | undefined;
  /** Fires at once for an expired peer: nothing secret is made for one who does not hear it. */
  readonly gone?: AbortSignal;

  constructor(
    folder: string,
    options: {
      party: Party;
      maxMessage: number;
      isExpired?: boolean;
      /** Called with the path of each file that was not there yet. */
      onWritten?: (path: string) => void;
    },
  ) {
    this.#folder = folder;
    this.#party = options.party;
    this.#maxMessage = options.maxMessage;
    this.#isExpired = options.isExpired ?? false;
    this.#onWritten = options.onWritten;
    if (this.#isExpired) this.gone = AbortSignal.abort(expired());
  }

  /**
   * Writes a message's file; one that is there already must be the same. Throws `EnvironmentError` `session.folder` where it is not,
   * `file.write`.
   */
  async send(bytes: Uint8Array): Promise<void> {
    const name = messageFileName(decodeOneMessage(bytes));
    const path = join(this.#folder, name);
    try {
      // The openings are for the judge alone, until they are carried to it.
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFileAtomic(path, bytes, { exclusive: true, mode: 0o600 });
      this.#onWritten?.(path);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (await holds(path, bytes)) return;
      throw new EnvironmentError({
        code: 'session.folder',
        message: `${path} is not what this side says at this place`,
        hint: 'a folder is for the messages of one session: name another one',
        cause: error,
      });
    }
  }

  /**
   * The peer's next file, in the order of their numbers, none beyond the one that is awaited. Throws also `EnvironmentError`
   * `session.copy` for one that is cut off, has another message's name, or is no plain file.
   */
  async receive(_seconds: number, wanted?: Wanted): Promise<Uint8Array> {
    const last = wanted?.message?.seq ?? Infinity;
    const name = (await this.#names()).find(
      (one) => !this.#read.has(one) && Number.parseInt(one, 10) <= last,
    );
    if (name === undefined)
      throw this.#isExpired ? expired() : waiting(this.#folder, wanted?.message);
    try {
      const bytes = await this.#readMessage(name);
      this.#read.add(name);
      return bytes;
    } catch (error) {
      throw this.#isExpired ? expired() : error;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #names(): Promise<string[]> {
    const entries = await listFolder(this.#folder).catch(() => []);
    return entries
      .map(({ name }) => name)
      .filter((name) => {
        const from = namePattern.exec(name)?.[2];
        return from !== undefined && from !== this.#party;
      });
  }

  /** Half a copy is no message, and nothing to hold against anyone; nor is a copy under the name of another one. */
  async #readMessage(name: string): Promise<Uint8Array> {
    const path = join(this.#folder, name);
    try {
      await mustBePlain(path);
      const bytes = await readFileLimited(path, { limit: this.#maxMessage, what: 'message' });
      const own = messageFileName(decodeOneMessage(bytes));
      if (own !== name) throw new Error(`what it holds belongs into ${own}`);
      return bytes;
    } catch (cause) {
      throw new EnvironmentError({
        code: 'session.copy',
        message: `${path} is not a whole message: ${(cause as Error).message}`,
        hint: 'copy the file again; where the other side cannot give a whole one, end the session',
        cause,
      });
    }
  }
}

/** A link may lead out of the folder, and a pipe or a device never ends. */
async function mustBePlain(path: string): Promise<void> {
  if (!(await lstat(path)).isFile()) throw new Error('it is no plain file');
}

/** Whether a file holds these bytes, and nothing else. */
async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await mustBePlain(path);
    const found = await readFileLimited(path, { limit: bytes.length, what: 'message' });
    return equalBytes(found, bytes);
  } catch {
    return false;
  }
}

function waiting(folder: string, expected: Expected | undefined): EnvironmentError {
  const { seq = 0, from = 'judge', types = ['hello'] } = expected ?? {};
  const names = types.map((type) => messageFileName({ seq, from, type })).join(' or ');
  return new EnvironmentError({
    code: 'session.waiting',
    message: `waiting for the ${from}: put ${names} into ${folder}`,
    hint: `give the ${from} the files of this side, and go on when the answer is there`,
  });
}

function expired(): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.silent',
    message: 'the other side let its time pass',
  });
}
