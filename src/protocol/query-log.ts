import { sha256 } from '@noble/hashes/sha2.js';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  EvidenceError,
  fromBase64,
  type Image,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { type AttemptEntry, type NewEntry, type Plan, QueryEntry } from './query-entries.js';
import type { Answer } from './suspect.js';

/** A query log as far as it came. */
export interface QueryState {
  /** Hash of all lines so far. */
  readonly head: Uint8Array;
  /** Number of attempts so far. */
  readonly attempts: number;
  readonly plan?: Plan;
  /** The answers so far, in the order of the questions. */
  readonly answers: readonly Answer[];
  /** What the suspect said of itself. */
  readonly identities: readonly string[];
  /** Attempts after the last answers: what they say was heard, and not yet put down as answers. */
  readonly pending: readonly AttemptEntry[];
  /** Certificates of the remote, in the order in which they first came. */
  readonly certificates: readonly string[];
}

/** A judge's durable memory of what it asked and heard. */
export interface QueryLog {
  readonly state: QueryState;
  /** Chains a line to the others; it is on disk before the promise resolves. */
  append(entry: NewEntry): Promise<void>;
}

/** The state before the first line. */
export const newQueries: QueryState = {
  head: taggedHash('veilmark/query-log/1', []),
  attempts: 0,
  answers: [],
  identities: [],
  pending: [],
  certificates: [],
};

/** The digest by which a log names an image. */
export function imageDigest({ shape: { height, width, channels }, pixels }: Image): string {
  return bytesToHex(taggedHash('veilmark/query-image/1', [height, width, channels, pixels]));
}

/** The next line of a log, with its line feed. */
export function encodeEntry(state: QueryState, entry: NewEntry): Uint8Array {
  const previous = bytesToHex(state.head);
  const chained: QueryEntry =
    'attempt' in entry ? { ...entry, previous, sequence: state.attempts } : { ...entry, previous };
  return concatBytes(canonicalBytes(chained), utf8ToBytes('\n'));
}

/** A state that lines are added to in place: copied for each of a million lines, a log would take a reader hours. */
interface Reading {
  head: Uint8Array;
  attempts: number;
  plan: Plan | undefined;
  readonly answers: Answer[];
  readonly identities: string[];
  pending: AttemptEntry[];
  readonly certificates: Set<string>;
}

function readingOf(state: QueryState): Reading {
  const { head, attempts, plan, answers, identities, pending, certificates } = state;
  return {
    ...{ head, attempts, plan, answers: [...answers], identities: [...identities] },
    ...{ pending: [...pending], certificates: new Set(certificates) },
  };
}

function stateOf({ plan, certificates, ...reading }: Reading): QueryState {
  return { ...reading, ...(plan && { plan }), certificates: [...certificates] };
}

/**
 * One step of a log: the state and a line (without its line feed) in, the new state out. The judge that writes and whoever
 * reads later both take it. Throws `InputError` `queries.format`; `EvidenceError` `queries.chain`, `queries.bodies`.
 */
export function advanceQueries(state: QueryState, line: Uint8Array): QueryState {
  const reading = readingOf(state);
  take(reading, line);
  return stateOf(reading);
}

/** All steps of a whole log, in a time that grows as its size does. Throws as `advanceQueries` does. */
export function readQueryLines(lines: Iterable<Uint8Array>): QueryState {
  const reading = readingOf(newQueries);
  for (const line of lines) take(reading, line);
  return stateOf(reading);
}

function take(reading: Reading, line: Uint8Array): void {
  const entry = parseCanonical({
    bytes: line,
    schema: QueryEntry,
    what: 'line of a query log',
    code: 'queries.format',
  });
  demand(
    entry.previous === bytesToHex(reading.head),
    'queries.chain',
    'a line of the query log does not follow the one before it',
  );
  reading.head = taggedHash('veilmark/query-line/1', [reading.head, line]);
  if ('attempt' in entry) {
    demand(entry.sequence === reading.attempts, 'queries.chain', 'an attempt has a wrong number');
    checkBody(entry.attempt.request);
    checkBody(entry.attempt.response);
    const { certificate } = entry.attempt;
    if (certificate !== '') reading.certificates.add(certificate);
    reading.attempts++;
    reading.pending.push(entry.attempt);
    return;
  }
  reading.pending = [];
  if ('plan' in entry) {
    demand(reading.plan === undefined, 'queries.chain', 'the query log has two plans');
    reading.plan = entry.plan;
  } else if ('identity' in entry) {
    reading.identities.push(entry.identity);
  } else {
    demand(
      reading.plan !== undefined,
      'queries.chain',
      'the query log has answers before its plan',
    );
    for (const answer of entry.answers) reading.answers.push(answer);
  }
}

/** Checks what is kept of a body: all of it with its digest, or a first part. */
function checkBody({ bytes, digest, length }: AttemptEntry['request']): void {
  const kept = fromBase64(bytes);
  const isWhole = kept.length === length;
  demand(
    isWhole ? bytesToHex(sha256(kept)) === digest : kept.length < length,
    'queries.bodies',
    'a body of the query log is not that of its digest and length',
  );
}

function demand(holds: boolean, code: string, message: string): asserts holds {
  if (!holds) throw new EvidenceError({ code, message });
}

/** A log that is kept nowhere. */
export function memoryQueryLog(): QueryLog {
  let state = newQueries;
  return {
    get state() {
      return state;
    },
    append: (entry) => {
      state = advanceQueries(state, encodeEntry(state, entry).subarray(0, -1));
      return Promise.resolve();
    },
  };
}
