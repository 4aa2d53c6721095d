import { sizeOf } from '../base/index.js';
import {
  batchCount,
  classCount,
  type Commitment,
  type Opening,
  type Parameters,
} from '../commitment/index.js';
import { firstHead, type Party } from './message.js';
import type {
  Abort,
  Acknowledgement,
  Challenge,
  JudgeHello,
  OwnerHello,
  Verdict,
} from './payloads.js';

/** What both sides, and a later reader, know of the world outside the messages. */
export interface SessionContext {
  readonly commitment: Commitment;
  /** Batches that this reader knows to be spent, from earlier transcripts. */
  readonly knownSpent?: readonly number[];
  /** Accepts commitments stamped as tests; never for evidence. */
  readonly allowTestOrigin?: boolean;
  /** Accepts proofs under keys whose maker can prove anything; never for evidence. */
  readonly allowDevKeys?: boolean;
}

interface Chain {
  /** Hash of all messages so far. */
  readonly head: Uint8Array;
  /** Number of messages so far. */
  readonly seq: number;
}

export interface Started extends Chain {
  readonly phase: 'started';
}
export interface Greeted extends Chain {
  readonly phase: 'greeted';
  readonly judgeHello: JudgeHello;
}
export interface Answered extends Chain {
  readonly phase: 'answered';
  readonly judgeHello: JudgeHello;
  readonly ownerHello: OwnerHello;
  /** The chain head after both hellos: the session's name. */
  readonly id: Uint8Array;
}
export interface Challenged extends Omit<Answered, 'phase'> {
  readonly phase: 'challenged';
  readonly challenge: Challenge;
}
export interface Opened extends Omit<Challenged, 'phase'> {
  readonly phase: 'opened';
  /** The chain head after the challenge, to which the proofs of hidden pairs are bound. */
  readonly challengeHead: Uint8Array;
  /** The pairs of the batch, ascending, with their committed labels. */
  readonly openings: readonly Opening[];
  readonly labels: readonly number[];
}
export interface Decided extends Omit<Opened, 'phase'> {
  readonly phase: 'decided';
  readonly verdict: Verdict;
}
export interface Closed extends Omit<Decided, 'phase'> {
  readonly phase: 'closed';
  readonly acknowledgement: Acknowledgement;
}
export interface Aborted extends Chain {
  readonly phase: 'aborted';
  readonly from: Party;
  readonly abort: Abort;
  /** How far the session had come. */
  readonly before: LiveSession;
}

/** A session that can still go on. */
export type LiveSession = Started | Greeted | Answered | Challenged | Opened | Decided;
export type Session = LiveSession | Closed | Aborted;

/** Who speaks next, and with what, in each phase. */
export const turns = {
  started: { from: 'judge', type: 'hello' },
  greeted: { from: 'owner', type: 'hello' },
  answered: { from: 'judge', type: 'challenge' },
  challenged: { from: 'owner', type: 'openings' },
  opened: { from: 'judge', type: 'verdict' },
  decided: { from: 'owner', type: 'acknowledgement' },
} as const satisfies Record<LiveSession['phase'], { from: Party; type: string }>;

/** The state before the first message. */
export const newSession: Started = { phase: 'started', head: firstHead, seq: 0 };

/** Batches not declared spent, ascending. */
export function unspentBatches(parameters: Parameters, { spent }: OwnerHello): number[] {
  const gone = new Set(spent.map(({ batch }) => batch));
  return Array.from({ length: batchCount(parameters) }, (_, batch) => batch).filter(
    (batch) => !gone.has(batch),
  );
}

/** Largest payload of a message type, in bytes, checked before anything is parsed. */
export function maxPayload(type: string, parameters: Parameters): number {
  const { batchSize, hidden, shape } = parameters;
  switch (type) {
    case 'hello':
      return 16_384 + 16 * Math.max(classCount(parameters), 10_000) + 400 * batchCount(parameters);
    case 'openings':
      return 1024 + batchSize * (1024 + Math.ceil(sizeOf(shape) / 3) * 4) + 600 * hidden;
    case 'verdict':
      return 8192 + 400 * batchSize;
    default:
      return 8192;
  }
}

/** Largest message that a party sends, in bytes: what a transport accepts from it. */
export function maxMessage(parameters: Parameters, from: Party): number {
  const types = Object.values(turns).filter((turn) => turn.from === from);
  return 512 + Math.max(...types.map(({ type }) => maxPayload(type, parameters)));
}
