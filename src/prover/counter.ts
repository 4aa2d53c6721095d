import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Type } from 'typebox';

import { bytesToHex, EnvironmentError, InputError } from '../base/index.js';
import { readFileLimited, withLock, writeFileAtomic } from '../files/index.js';
import { SpentBatch } from '../protocol/index.js';
import { decodeChecked, encodeChecked, isChecked } from './checked-json.js';
import type { Spending } from './ledger.js';
import type { WhiteBoxSession } from './white-box-ledger.js';
import { WhiteBoxSessionJson } from './white-box-ledger-file.js';

const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const strict = { additionalProperties: false } as const;

/** A spending as files keep it. */
export const SpendingJson = Type.Object({ ...SpentBatch.properties, challenge: Hex32 }, strict);

const counterFile = {
  firstLine: 'veilmark/counter/1\n',
  digestTag: 'veilmark/counter-digest/1',
  schema: Type.Object(
    {
      commitment: Hex32,
      sessions: Type.Array(WhiteBoxSessionJson),
      spendings: Type.Array(SpendingJson),
    },
    strict,
  ),
  what: 'counter of the ledgers',
  code: 'counter.format',
  hint: 'if the ledgers beside the mark are the newest, delete the counter: it is begun anew',
} as const;

/** What was answered about one commitment, ever: batches that were opened, and white box sessions. */
export interface Counted {
  readonly spendings: readonly Spending[];
  readonly sessions: readonly WhiteBoxSession[];
}

/** Whether bytes start as a counter does. */
export function isCounter(file: Uint8Array): boolean {
  return isChecked(counterFile, file);
}

/** Reads a counter's file. Throws `InputError` `counter.format`. */
export function decodeCounter(file: Uint8Array): Counted & { commitment: string } {
  return decodeChecked(counterFile, file);
}

/**
 * A second memory of the ledgers of one commitment, kept away from the claim's folder, that only grows: a ledger that knows less than
 * it was restored from an older copy. It holds all that is needed to bring the ledger up to date.
 */
export class FileCounter {
  readonly path: string;
  readonly #commitment: string;

  constructor(path: string, commitment: Uint8Array) {
    this.path = path;
    this.#commitment = bytesToHex(commitment);
  }

  /** Nothing where there is no file. Throws `InputError` `counter.format`, `counter.commitment`. */
  async read(): Promise<Counted | undefined> {
    let file: Uint8Array;
    try {
      file = await readFileLimited(this.path, { limit: 2 ** 28, what: 'counter' });
    } catch (error) {
      if (error instanceof InputError && error.code === 'file.missing') return undefined;
      throw error;
    }
    const counted = this.#decode(file);
    if (counted.commitment === this.#commitment) return counted;
    throw new InputError({
      code: 'counter.commitment',
      message: `${this.path} is the counter of another commitment`,
      hint: 'give each claim a counter of its own',
    });
  }

  /** Adds what it does not know yet, on disk before the promise resolves. */
  async record({ spendings, sessions }: Counted): Promise<void> {
    await this.#alone(async () => {
      const known = (await this.read()) ?? { spendings: [], sessions: [] };
      const newer = { spendings, sessions };
      const isNews =
        lostSpendings(newer, known.spendings).length > 0 ||
        lostSessions(newer, known.sessions).length > 0;
      if (isNews) await this.#write(known, newer);
    });
  }

  /** Makes an empty one where there is none. */
  async begin(): Promise<void> {
    await this.#alone(async () => {
      if (!(await this.read())) await this.#write(nothing, nothing);
    });
  }

  #decode(file: Uint8Array): Counted & { commitment: string } {
    try {
      return decodeCounter(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const { code, message, hint } = error;
      throw new InputError({ code, message: `${this.path}: ${message}`, hint, cause: error });
    }
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new EnvironmentError({
        code: 'file.write',
        message: `cannot make the folder of the counter ${this.path}: ${(cause as Error).message}`,
        hint: 'name a place that you may write to with --counter',
        cause,
      });
    }
    await withLock(this.path, work);
  }

  async #write(known: Counted, newer: Counted): Promise<void> {
    const spendings = [...known.spendings, ...lostSpendings(newer, known.spendings)];
    const sessions = mergeSessions(known.sessions, newer.sessions);
    const body = {
      commitment: this.#commitment,
      sessions: sessions.map((one) => ({ ...one })),
      spendings: spendings.map((one) => ({ ...one })),
    };
    await writeFileAtomic(this.path, encodeChecked(counterFile, body), { mode: 0o600 });
  }
}

const nothing: Counted = { spendings: [], sessions: [] };

/** Spendings that the counter knows and a ledger lacks. */
export function lostSpendings(
  counted: Counted | undefined,
  recorded: readonly Spending[],
): Spending[] {
  const known = new Set(recorded.map(answerOf));
  return (counted?.spendings ?? []).filter((one) => !known.has(answerOf(one)));
}

/** White box sessions that the counter knows and a ledger lacks, or whose point it lacks. */
export function lostSessions(
  counted: Counted | undefined,
  recorded: readonly WhiteBoxSession[],
): WhiteBoxSession[] {
  const known = new Set(recorded.map(answerOf));
  const pointed = new Set(recorded.map((one) => `${answerOf(one)} ${one.point}`));
  return (counted?.sessions ?? []).filter((one) =>
    one.point === '' ? !known.has(answerOf(one)) : !pointed.has(`${answerOf(one)} ${one.point}`),
  );
}

/** A session and its only challenge: what is answered once, for ever. */
function answerOf({ session, challenge }: Pick<Spending, 'session' | 'challenge'>): string {
  return `${session} ${challenge}`;
}

/** Sessions with what others know of them: none is lost, and a point never goes away. */
export function mergeSessions(
  recorded: readonly WhiteBoxSession[],
  others: readonly WhiteBoxSession[],
): readonly WhiteBoxSession[] {
  const merged = new Map(recorded.map((one) => [one.session, one]));
  for (const other of others) {
    const known = merged.get(other.session);
    if (!known || known.point === '') merged.set(other.session, other);
  }
  return [...merged.values()];
}

/** The refusal of a ledger that is behind its counter. */
export function restored(path: string, lost: string): InputError {
  return new InputError({
    code: 'ledger.restored',
    message: `${path} was restored from an older copy: ${lost}`,
    hint: 'restore its newest copy, or run `veilmark prove` with --rebuild-ledger: what it lacks is taken from its counter',
  });
}
