import { bytesToHex, EvidenceError, VeilmarkError } from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { decodeOneMessage, type Party } from './message.js';
import type { DecisionJson, VerdictName } from './payloads.js';
import { advance, isSigned } from './session.js';
import type { Aborted, Session, SessionContext } from './session-state.js';
import type { WhiteBoxDecision } from './white-box-payloads.js';

/** How a session ended, in one line. */
export interface Outcome {
  readonly verdict: VerdictName;
  /** Stable code of the reason; empty for a plain `proved` or `not-proved`. */
  readonly cause: string;
  /** The party whose breach of the protocol ended it. */
  readonly fault: Party | 'nobody';
  /** The counts, when the suspect was asked. */
  readonly decision?: DecisionJson;
  /** What was proven, in white box mode. */
  readonly whiteBox?: WhiteBoxDecision;
}

/**
 * The outcome of a session as far as it came. A party that signed a message against the rules loses with `invalid`. An
 * owner who stops, or stays silent, after the challenge has not proved; before it, nothing can be said. A verdict
 * stands, whatever is said or refused after it.
 */
export function outcomeOf(
  session: Session,
  context: SessionContext,
  refused: Uint8Array | undefined,
): Outcome {
  switch (session.phase) {
    case 'decided':
    case 'closed': {
      const { decision } = session.verdict;
      return { verdict: decision.verdict, cause: decision.cause, fault: 'nobody', decision };
    }
    case 'concluded':
    case 'settled': {
      const { decision } = session.conclusion;
      return { verdict: decision.verdict, cause: '', fault: 'nobody', whiteBox: decision };
    }
    case 'aborted':
      return abortOutcome(session, context, refused);
    default:
      return { verdict: 'inconclusive', cause: 'session.incomplete', fault: 'nobody' };
  }
}

function abortOutcome(
  aborted: Aborted,
  context: SessionContext,
  refused: Uint8Array | undefined,
): Outcome {
  const { abort, from, before } = aborted;
  if (before.phase === 'decided' || before.phase === 'concluded')
    return outcomeOf(before, context, undefined);
  const finding = refused ? assess(aborted, refused, context) : undefined;
  if (finding?.kind === 'breach') {
    return { verdict: 'invalid', cause: finding.code, fault: finding.from };
  }
  const reached = finding?.kind === 'sound' ? finding.session : before;
  if (['decided', 'concluded', 'aborted'].includes(reached.phase)) {
    return outcomeOf(reached, context, undefined);
  }
  // From the challenge on it is the owner's turn to prove; while the judge is at it, nothing can be held against him.
  const isOwners = reached.phase === 'challenged' || reached.phase === 'pointed';
  const stopped = isOwners && (from === 'owner' || abort.fault === 'owner');
  return { verdict: stopped ? 'not-proved' : 'inconclusive', cause: abort.code, fault: 'nobody' };
}

/** The name by which an abort refers to the bytes that it refuses, in hexadecimal. */
export function refusedDigest(refused: Uint8Array): string {
  return bytesToHex(taggedHash('veilmark/refused/1', [refused]));
}

/**
 * Checks the message that a transcript shows before its abort: the very bytes that the abort names, or a sound message of
 * the judge that the owner's abort passed over as if it had never come. Throws `EvidenceError` `abort.refused`.
 */
export function checkRefused(
  session: Session,
  refused: Uint8Array | undefined,
  context: SessionContext,
): void {
  const named = session.phase === 'aborted' ? session.abort.refused : '';
  if (named === (refused ? refusedDigest(refused) : '')) return;
  const passedOver = session.phase === 'aborted' && session.from === 'owner' && named === '';
  if (passedOver && refused && assess(session, refused, context).kind === 'sound') return;
  throw new EvidenceError({
    code: 'abort.refused',
    message: named
      ? 'the transcript does not show the message that the abort refuses'
      : 'the transcript shows a refused message that the abort does not name',
  });
}

/** What a third party finds in a message that one side refused. */
export type Finding =
  | { readonly kind: 'breach'; readonly from: Party; readonly code: string }
  /** It breaks no rule: who refused it simply stopped. */
  | { readonly kind: 'sound'; readonly session: Session }
  /** It breaks a rule but the other party did not sign it: it proves nothing against anyone. */
  | { readonly kind: 'unsigned'; readonly code: string };

/**
 * Repeats the check of a refused message, trusting neither side's word for it. A party that refuses a message of its own
 * shows nothing: an owner who stops could otherwise add his openings and seem to have answered.
 */
export function assess(
  { before, from }: Aborted,
  refused: Uint8Array,
  reader: SessionContext,
): Finding {
  // Whether tests are accepted is this reader's own affair: no party broke a rule by it.
  const context = { ...reader, allowDevKeys: true, allowTestOrigin: true };
  let code = 'message.format';
  try {
    const message = decodeOneMessage(refused);
    if (message.from === from) return { kind: 'unsigned', code: 'session.order' };
    try {
      return { kind: 'sound', session: advance(before, message, context) };
    } catch (error) {
      if (!(error instanceof VeilmarkError) || error.code === 'session.network') throw error;
      code = error.code;
      if (isSigned(before, message, context)) return { kind: 'breach', from: message.from, code };
    }
  } catch (error) {
    if (!(error instanceof VeilmarkError) || error.code === 'session.network') throw error;
  }
  return { kind: 'unsigned', code };
}
