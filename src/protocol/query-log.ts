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
  /** Of all lines so far, in bytes. */
  readonly length: number;
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
  readonly certificates: ReadonlySet<string>;
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
  length: 0,
  attempts: 0,
  answers: [],
  identities: [],
  pending: [],
  certificates: new Set(),
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

/**
 * One step of a log: the state and a line (without its line feed) in, the new state out. The judge that writes and whoever
 * reads later both take it. Throws `InputError` `queries.format`; `EvidenceError` `queries.chain`, `queries.bodies`.
 */
export function advanceQueries(state: QueryState, line: Uint8Array): QueryState {
  const next = growing(state);
  take(next, line);
  return next;
}

/** Takes many lines in turn, as `advanceQueries` does, in time that grows with their number alone. Throws as it does. */
export function foldQueries(lines: Iterable<Uint8Array>): QueryState {
  const state = growing(newQueries);
  for (const line of lines) take(state, line);
  return state;
}

type Growing = { -readonly [Name in keyof QueryState]: QueryState[Name] } & {
  answers: Answer[];
  identities: string[];
  pending: AttemptEntry[];
  certificates: Set<string>;
};

/** A state that may be changed without changing this one. */
function growing(state: QueryState): Growing {
  return {
    ...state,
    answers: [...state.answers],
    identities: [...state.identities],
    pending: [...state.pending],
    certificates: new Set(state.certificates),
  };
}

function take(state: Growing, line: Uint8Array): void {
  const entry = parseCanonical({
    bytes: line,
    schema: QueryEntry,
    what: 'line of a query log',
    code: 'queries.format',
  });
  demand(
    entry.previous === bytesToHex(state.head),
    'queries.chain',
    'a line of the query log does not follow the one before it',
  );
  state.head = taggedHash('veilmark/query-line/1', [state.head, line]);
  state.length += line.length + 1;
  if ('attempt' in entry) {
    demand(entry.sequence === state.attempts, 'queries.chain', 'an attempt has a wrong number');
    checkBody(entry.attempt.request);
    checkBody(entry.attempt.response);
    state.attempts++;
    state.pending.push(entry.attempt);
    if (entry.attempt.certificate !== '') state.certificates.add(entry.attempt.certificate);
    return;
  }
  state.pending = [];
  if ('plan' in entry) {
    demand(state.plan === undefined, 'queries.chain', 'the query log has two plans');
    state.plan = entry.plan;
  } else if ('identity' in entry) {
    state.identities.push(entry.identity);
  } else {
    demand(state.plan !== undefined, 'queries.chain', 'the query log has answers before its plan');
    for (const answer of entry.answers) state.answers.push(answer);
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
