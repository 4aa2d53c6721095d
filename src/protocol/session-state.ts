import { sizeOf } from '../base/index.js';
import {
  batchCount,
  classCount,
  type Commitment,
  type Opening,
  type Parameters,
} from '../commitment/index.js';
import type { IntegerNetwork } from '../network/index.js';
import { firstHead, type Party } from './message.js';
import type {
  Abort,
  Acknowledgement,
  Challenge,
  JudgeHello,
  OwnerHello,
  Verdict,
} from './payloads.js';
import type { Conclusion, Digests, PointMessage, Proofs } from './white-box-payloads.js';

/** What both sides, and a later reader, know of the world outside the messages. */
export interface SessionContext {
  readonly commitment: Commitment;
  /** Batches that this reader knows to be spent, from earlier transcripts. */
  readonly knownSpent?: readonly number[];
  /** Accepts commitments stamped as tests; never for evidence. */
  readonly allowTestOrigin?: boolean;
  /** Accepts proofs under keys whose maker can prove anything; never for evidence. */
  readonly allowDevKeys?: boolean;
  /** The integer network of a digest (hexadecimal), where this reader has it. */
  readonly network?: ((digest: string) => IntegerNetwork | undefined) | undefined;
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

/** In white box mode: everything is committed that the proofs will speak of. */
export interface Digested extends Omit<Challenged, 'phase'> {
  readonly phase: 'digested';
  readonly digests: Digests;
}
/** The chain's head is what the random point is hashed from. */
export interface Pointed extends Omit<Digested, 'phase'> {
  readonly phase: 'pointed';
  readonly point: PointMessage;
}
/** The owner has proven, or declined to. */
export interface Shown extends Omit<Pointed, 'phase'> {
  readonly phase: 'shown';
  readonly isProven: boolean;
  readonly proofs?: Proofs;
}
export interface Concluded extends Omit<Shown, 'phase'> {
  readonly phase: 'concluded';
  readonly conclusion: Conclusion;
}
export interface Settled extends Omit<Concluded, 'phase'> {
  readonly phase: 'settled';
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
export type LiveSession =
  | Started
  | Greeted
  | Answered
  | Challenged
  | Opened
  | Decided
  | Digested
  | Pointed
  | Shown
  | Concluded;
export type Session = LiveSession | Closed | Settled | Aborted;

/** Whether a session can still go on. */
export function isLive(session: Session): session is LiveSession {
  return !['closed', 'settled', 'aborted'].includes(session.phase);
}

interface Turn {
  readonly from: Party;
  /** The types of message that may come. */
  readonly types: readonly [string, ...string[]];
}

/** Who speaks next, and with what, in each phase but `challenged`, where the mode decides. */
const turns = {
  started: { from: 'judge', types: ['hello'] },
  greeted: { from: 'owner', types: ['hello'] },
  answered: { from: 'judge', types: ['challenge'] },
  opened: { from: 'judge', types: ['verdict'] },
  decided: { from: 'owner', types: ['acknowledgement'] },
  digested: { from: 'judge', types: ['point'] },
  pointed: { from: 'owner', types: ['proofs', 'decline'] },
  shown: { from: 'judge', types: ['verdict'] },
  concluded: { from: 'owner', types: ['acknowledgement'] },
} as const satisfies Record<Exclude<LiveSession['phase'], 'challenged'>, Turn>;
const answers = {
  'black-box': { from: 'owner', types: ['openings'] },
  'white-box': { from: 'owner', types: ['digests'] },
} as const satisfies Record<JudgeHello['mode'], Turn>;

/** Who speaks next in a session, and with what. */
export function turnOf(session: LiveSession): Turn {
  return session.phase === 'challenged' ? answers[session.judgeHello.mode] : turns[session.phase];
}

/** The state before the first message. */
export const newSession: Started = { phase: 'started', head: firstHead, seq: 0 };

/** Batches not declared spent, ascending. */
export function unspentBatches(parameters: Parameters, { spent }: OwnerHello): number[] {
  const gone = new Set(spent.map(({ batch }) => batch));
  return Array.from({ length: batchCount(parameters) }, (_, batch) => batch).filter(
    (batch) => !gone.has(batch),
  );
}

/** What a session in white box mode adds to the sizes of messages. */
export interface WhiteBoxSizes {
  /** Proofs of one trigger. */
  readonly proofs: number;
}

/** Largest payload of a message type, in bytes, checked before anything is parsed. */
export function maxPayload(type: string, parameters: Parameters, whiteBox?: WhiteBoxSizes): number {
  const { audited, batchSize, hidden, shape } = parameters;
  const proofs = batchSize * (whiteBox?.proofs ?? 0);
  switch (type) {
    case 'hello':
      return (
        16_384 +
        16 * Math.max(classCount(parameters), 10_000) +
        400 * batchCount(parameters) +
        4 * 2 ** 20
      );
    case 'openings':
      return 1024 + batchSize * (1024 + Math.ceil(sizeOf(shape) / 3) * 4) + 600 * hidden;
    case 'digests':
      return 1024 + 256 * batchSize + 128 * proofs;
    case 'proofs':
      return 4096 + 1024 * batchSize + 1024 * proofs;
    case 'verdict':
      return 8192 + 400 * batchSize + 200 * audited;
    default:
      return 8192;
  }
}

/** Largest message that a party sends, in bytes: what a transport accepts from it. */
export function maxMessage(parameters: Parameters, from: Party, whiteBox?: WhiteBoxSizes): number {
  const types = [...Object.values(turns), ...Object.values(answers)]
    .filter((turn) => turn.from === from)
    .flatMap((turn): readonly string[] => turn.types);
  return 512 + Math.max(...types.map((type) => maxPayload(type, parameters, whiteBox)));
}
