import type { Static, TSchema } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  EvidenceError,
  hexBytes,
  type Json,
  parseCanonical,
  unreachable,
} from '../base/index.js';
import { proofsPerTrigger } from '../proof/index.js';
import type { Observer } from './checks.js';
import { maxHeaderBytes, type Message, nextHead, signMessage, verifyMessage } from './message.js';
import {
  Abort,
  Acknowledgement,
  Challenge,
  JudgeHello,
  Openings,
  OwnerHello,
  Verdict,
} from './payloads.js';
import {
  checkChallenge,
  checkJudgeHello,
  checkOpenings,
  checkOwnerHello,
  checkVerdict,
} from './rules.js';
import {
  type Aborted,
  type LiveSession,
  maxPayload,
  type Session,
  type SessionContext,
  turnOf,
} from './session-state.js';
import { checkConclusion, checkDigests, checkProofs, sessionLayout } from './white-box.js';
import { Conclusion, Decline, Digests, PointMessage, Proofs } from './white-box-payloads.js';

const silent: Observer = () => undefined;

/**
 * One step of a session: the state and a message in, the new state out. Both sides and the offline verifier run this
 * very function, so that what one accepted the others accept.
 *
 * Throws `InputError` (`message.format`) for malformed payloads, `EvidenceError` with the code of the broken rule.
 */
export function advance(
  session: LiveSession,
  message: Message,
  context: SessionContext,
  observe: Observer = silent,
): Session {
  observe('session.order');
  checkPlace(session, message, context);
  if (message.type === 'abort') return receiveAbort(session, message, context, observe);
  observe('session.format');
  const body = parseBody(session, message);
  observe('session.signatures');
  const firstHello = body.phase === 'started' ? body.payload.judge : undefined;
  verifyMessage(session.head, message, senderKey(session, message, context, firstHello));
  const chain = { head: nextHead(session.head, message), seq: session.seq + 1 };
  switch (body.phase) {
    case 'started':
      checkJudgeHello(body.payload, context, observe);
      return { ...chain, phase: 'greeted', judgeHello: body.payload };
    case 'greeted':
      checkOwnerHello(body.payload, context, observe);
      return {
        ...body.session,
        ...chain,
        phase: 'answered',
        ownerHello: body.payload,
        id: chain.head,
      };
    case 'answered':
      checkChallenge(body.session, body.payload, context, observe);
      return { ...body.session, ...chain, phase: 'challenged', challenge: body.payload };
    case 'challenged':
      if (body.type === 'digests') {
        checkDigests(body.session, body.payload, context, observe);
        return { ...body.session, ...chain, phase: 'digested', digests: body.payload };
      }
      return {
        ...body.session,
        ...chain,
        phase: 'opened',
        challengeHead: body.session.head,
        ...checkOpenings(body.session, body.payload, context, observe),
      };
    case 'digested':
      return { ...body.session, ...chain, phase: 'pointed', point: body.payload };
    case 'pointed':
      if (body.type === 'decline') {
        return { ...body.session, ...chain, phase: 'shown', isProven: false };
      }
      checkProofs(body.session, body.payload, context, observe);
      return { ...body.session, ...chain, phase: 'shown', isProven: true, proofs: body.payload };
    case 'shown':
      checkConclusion(body.session, body.payload, context, observe);
      return { ...body.session, ...chain, phase: 'concluded', conclusion: body.payload };
    case 'concluded':
      observe('acknowledgement');
      return { ...body.session, ...chain, phase: 'settled', acknowledgement: body.payload };
    case 'opened':
      checkVerdict(body.session, body.payload, context, observe);
      return { ...body.session, ...chain, phase: 'decided', verdict: body.payload };
    case 'decided':
      observe('acknowledgement');
      return { ...body.session, ...chain, phase: 'closed', acknowledgement: body.payload };
    default:
      throw unreachable(body);
  }
}

/** Signs the next message of a session and takes the step oneself: nothing is sent that one would refuse. */
export function compose({
  session,
  type,
  payload,
  context,
  secretKey,
}: {
  session: LiveSession;
  type: string;
  payload: Json;
  context: SessionContext;
  secretKey: Uint8Array;
}): { session: Session; message: Message } {
  const unsigned = {
    seq: session.seq,
    from: turnOf(session).from,
    type,
    payload: canonicalBytes(payload),
  };
  const message = signMessage(session.head, unsigned, secretKey);
  return { session: advance(session, message, context), message };
}

/** Signs an abort by either party, at any point of a session. */
export function composeAbort({
  session,
  from,
  abort,
  secretKey,
}: {
  session: LiveSession;
  from: Message['from'];
  abort: Abort;
  secretKey: Uint8Array;
}): { session: Aborted; message: Message } {
  const unsigned = { seq: session.seq, from, type: 'abort', payload: canonicalBytes(abort) };
  const message = signMessage(session.head, unsigned, secretKey);
  const head = nextHead(session.head, message);
  return {
    session: { phase: 'aborted', head, seq: session.seq + 1, from, abort, before: session },
    message,
  };
}

function receiveAbort(
  session: LiveSession,
  message: Message,
  context: SessionContext,
  observe: Observer,
): Aborted {
  observe('session.format');
  const abort = parsePayload(message, Abort);
  observe('session.signatures');
  verifyMessage(session.head, message, senderKey(session, message, context, undefined));
  const head = nextHead(session.head, message);
  return {
    phase: 'aborted',
    head,
    seq: session.seq + 1,
    from: message.from,
    abort,
    before: session,
  };
}

function checkPlace(session: LiveSession, message: Message, context: SessionContext): void {
  const { from, types } = turnOf(session);
  const fits = message.type === 'abort' || (message.from === from && types.includes(message.type));
  if (!fits || message.seq !== session.seq) {
    throw new EvidenceError({
      code: 'session.order',
      message: `expected message ${session.seq}, a ${types.join(' or ')} from the ${from}; got message ${message.seq}, a ${message.type} from the ${message.from}`,
    });
  }
  const { parameters } = context.commitment;
  const limit = maxPayload(message.type, parameters, whiteBoxSizes(session, message, context));
  if (message.payload.length > limit) {
    throw new EvidenceError({
      code: 'session.size',
      message: `the ${message.type} of the ${message.from} has ${message.payload.length} bytes, more than ${limit}`,
    });
  }
}

/** Most bytes that the next message may have, for a transport to refuse more while it comes. */
export function largestNext(session: LiveSession, context: SessionContext): number {
  const { parameters } = context.commitment;
  const sizes = ['abort', ...turnOf(session).types].map((type) =>
    maxPayload(type, parameters, whiteBoxSizes(session, { type }, context)),
  );
  return maxHeaderBytes + 1 + Math.max(...sizes);
}

function whiteBoxSizes(
  session: LiveSession,
  { type }: Pick<Message, 'type'>,
  context: SessionContext,
) {
  if (!('challenge' in session) || (type !== 'digests' && type !== 'proofs')) return undefined;
  return { proofs: proofsPerTrigger(sessionLayout(session, context).layout) };
}

/** The payload that the phase calls for, with the phase, so that one switch narrows both. */
function parseBody(session: LiveSession, message: Message) {
  switch (session.phase) {
    case 'started':
      return { phase: session.phase, session, payload: parsePayload(message, JudgeHello) };
    case 'greeted':
      return { phase: session.phase, session, payload: parsePayload(message, OwnerHello) };
    case 'answered':
      return { phase: session.phase, session, payload: parsePayload(message, Challenge) };
    case 'challenged':
      return message.type === 'digests'
        ? ({ ...whole(session, parsePayload(message, Digests)), type: 'digests' } as const)
        : ({ ...whole(session, parsePayload(message, Openings)), type: 'openings' } as const);
    case 'digested':
      return { phase: session.phase, session, payload: parsePayload(message, PointMessage) };
    case 'pointed':
      return message.type === 'decline'
        ? ({ ...whole(session, parsePayload(message, Decline)), type: 'decline' } as const)
        : ({ ...whole(session, parsePayload(message, Proofs)), type: 'proofs' } as const);
    case 'shown':
      return { phase: session.phase, session, payload: parsePayload(message, Conclusion) };
    case 'concluded':
      return { phase: session.phase, session, payload: parsePayload(message, Acknowledgement) };
    case 'opened':
      return { phase: session.phase, session, payload: parsePayload(message, Verdict) };
    case 'decided':
      return { phase: session.phase, session, payload: parsePayload(message, Acknowledgement) };
    default:
      throw unreachable(session);
  }
}

function whole<S extends LiveSession, P>(session: S, payload: P) {
  return { phase: session.phase as S['phase'], session, payload };
}

function parsePayload<T extends TSchema>(message: Message, schema: T): Static<T> {
  const what = `${message.type} of the ${message.from}`;
  return parseCanonical({ bytes: message.payload, schema, what, code: 'message.format' });
}

/**
 * Whether a message carries the signature of the party that it names, at this place of the session. A message that
 * breaks a rule can be held against its sender only if it does. The first message is chained to nothing, so it counts
 * only for the commitment that it names: else an honest judge's hello about another one could be held against it here.
 */
export function isSigned(session: LiveSession, message: Message, context: SessionContext): boolean {
  try {
    const body = session.phase === 'started' ? parsePayload(message, JudgeHello) : undefined;
    if (body && body.commitment !== bytesToHex(context.commitment.digest)) return false;
    verifyMessage(session.head, message, senderKey(session, message, context, body?.judge));
    return true;
  } catch {
    return false;
  }
}

function senderKey(
  session: LiveSession,
  message: Message,
  { commitment }: SessionContext,
  firstHello: string | undefined,
): Uint8Array {
  if (message.from === 'owner') return commitment.owner;
  const judge = 'judgeHello' in session ? session.judgeHello.judge : firstHello;
  if (judge === undefined) {
    throw new EvidenceError({
      code: 'session.order',
      message: 'the judge aborts a session that it has not begun',
    });
  }
  return hexBytes(judge, 32);
}
