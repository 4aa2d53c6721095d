import { bytesToHex, EvidenceError, fromBase64, hexBytes } from '../base/index.js';
import { batchCount, type Commitment, type Parameters } from '../commitment/index.js';
import { SeededStream } from '../crypto/index.js';
import {
  checkOpeningKey,
  decodeProof,
  decodeVerificationKey,
  openingInputs,
  type VerificationKey,
  verifyProofs,
} from '../proof/index.js';
import type { JudgeHello, Openings } from './payloads.js';
import type { Policy } from './policy.js';
import type { Challenged, Session } from './session-state.js';

/** Seconds for each proof that a judge adds to the deadline of the openings. */
export const secondsPerProof = 15;

/** Whether a session asks for proofs about pairs that stay hidden. */
export function asksProofs({ hiddenProofs }: Policy): boolean {
  return hiddenProofs !== 'none';
}

/**
 * Checks the key that a judge's hello carries. Throws `EvidenceError` `hello.key`, `key.dev`, or as
 * `decodeVerificationKey` and `checkOpeningKey` do.
 */
export function checkHelloKey(
  { policy, openingKey }: JudgeHello,
  parameters: Parameters,
  allowDevKeys: boolean,
): void {
  if (!asksProofs(policy)) {
    if (openingKey === '' && policy.openingKey === '') return;
    throw refusal('hello.key', 'the policy asks for no proofs and yet names a key for them');
  }
  if (batchCount(parameters) < 2) {
    throw refusal(
      'hello.key',
      'proofs of hidden pairs are asked for, and the only batch is opened',
    );
  }
  const key = helloKey(openingKey);
  if (bytesToHex(key.digest) !== policy.openingKey) {
    throw refusal('hello.key', 'the key for proofs is not the one that the policy pins');
  }
  checkOpeningKey(key, parameters);
  if (key.stamp === 'dev' && !allowDevKeys) throw devKey();
}

/** Why a development key is refused. */
export function devKey(): EvidenceError {
  return new EvidenceError({
    code: 'key.dev',
    message: 'the proofs are under a development key, with which anyone can prove anything',
    hint: 'use a key from a ceremony; --allow-dev-keys accepts it for a test, which is no evidence',
  });
}

/** The verification key of a hello. */
export function helloKey(openingKey: string): VerificationKey {
  return decodeVerificationKey(fromBase64(openingKey));
}

/** The stamp of the key under which a session's hidden pairs were proven; nothing where none were. */
export function openingStamp(session: Session): VerificationKey['stamp'] | undefined {
  const reached = session.phase === 'aborted' ? session.before : session;
  const isProven = 'labels' in reached && asksProofs(reached.judgeHello.policy);
  return isProven ? helloKey(reached.judgeHello.openingKey).stamp : undefined;
}

/**
 * The pairs to prove, ascending: of the hidden ones that this session does not open, all or as many as the policy asks,
 * picked by the coins of both parties as the batch is. Batches opened before are among them: an owner could make receipts for
 * them himself, and so get out of proving anything.
 */
export function pickHidden(
  { id, challenge, judgeHello, ownerHello }: Challenged,
  { order }: Commitment,
): number[] {
  const candidates = order.batches.filter((_, batch) => batch !== challenge.batch).flat();
  candidates.sort((a, b) => a - b);
  const { hiddenProofs } = judgeHello.policy;
  if (hiddenProofs === 'none') return [];
  if (hiddenProofs === 'all' || hiddenProofs >= candidates.length) return candidates;
  const coins = [challenge.coins, ownerHello.coins].map((hex) => hexBytes(hex, 32));
  const stream = new SeededStream('veilmark/hidden-sample/1', [id, ...coins]);
  const places = stream.permutation(candidates.length).slice(0, hiddenProofs);
  return places.map((place) => candidates[place] ?? 0).sort((a, b) => a - b);
}

/**
 * Checks the proofs of a message of openings: of exactly the pairs that were picked, each for this session. Throws
 * `EvidenceError` `openings.proofs`, or as `decodeProof` and `verifyProofs` do.
 */
export function checkHiddenProofs(
  session: Challenged,
  { hidden }: Openings,
  commitment: Commitment,
): void {
  const picked = pickHidden(session, commitment);
  if (hidden.length !== picked.length || hidden.some(({ index }, i) => index !== picked[i])) {
    throw refusal(
      'openings.proofs',
      `the owner proves ${hidden.length} hidden pairs; the coins pick ${picked.length}: ${picked.slice(0, 40).join(', ')}`,
    );
  }
  if (picked.length === 0) return;
  verifyProofs({
    key: helloKey(session.judgeHello.openingKey),
    statements: hidden.map(({ index, proof }) => ({
      proof: decodeProof(hexBytes(proof, 256)),
      inputs: openingInputs(commitment, index, session.head),
    })),
  });
}

function refusal(code: string, message: string): EvidenceError {
  return new EvidenceError({ code, message });
}
