import type { IntegerNetwork } from '../network/index.js';
import type { OwnerHello } from '../protocol/index.js';

/** A judge's challenge in a white box session. All but the batch in hexadecimal. */
export interface WhiteBoxChallenge {
  readonly session: string;
  /** Chain head after the challenge: one challenge a session, for ever. */
  readonly challenge: string;
  /** Digest of the integer network. */
  readonly network: string;
  readonly batch: number;
  readonly judge: string;
}

/** A white box session as an owner remembers it. */
export interface WhiteBoxSession extends WhiteBoxChallenge {
  /** Chain head after the point, in hexadecimal: one point a session, for ever. Empty while there was none. */
  readonly point: string;
}

/**
 * The owner's durable memory of white box sessions. A second point in a session, with the neurons already committed, would give
 * a second linear equation of secrets under the same salts; and each session may tell one bit. What is recorded must be on disk
 * before the promise resolves.
 */
export interface WhiteBoxLedger {
  /** An approved network by its digest in hexadecimal, or nothing. */
  network(digest: string): IntegerNetwork | undefined;
  /**
   * The owner's hello for a judge's, named by the chain head after it: recorded once, returned again ever after. Throws
   * `EvidenceError` `prove.cap` for a new one when the cap is reached.
   */
  greet(judgeHead: string, hello: OwnerHello): Promise<OwnerHello>;
  /** Records a session's only challenge. Rejects with `EvidenceError` `ledger.second-challenge` for another one. */
  challenge(entry: WhiteBoxChallenge): Promise<void>;
  /**
   * Records a session's only point before it is answered. Rejects with `EvidenceError` `ledger.second-point` for another one,
   * `ledger.no-challenge` for a session without a challenge, `prove.cap` when as many sessions as are allowed had a point.
   */
  point(entry: Pick<WhiteBoxSession, 'session' | 'point'>): Promise<void>;
  /** Sessions that had a point. */
  count(): Promise<number>;
  /** A proof of a session made before, by the name of its statement, e.g. `17/neurons/0`. */
  recall(session: string, name: string): Promise<Uint8Array | undefined>;
  keep(session: string, name: string, proof: Uint8Array): Promise<void>;
  /** Removes the proofs of a session that is over. */
  forget(session: string): Promise<void>;
}

/** Whether a challenge may be recorded after others, and whether it is there already. */
export function admitChallenge(
  recorded: readonly WhiteBoxSession[],
  { session, challenge }: WhiteBoxChallenge,
): 'new' | 'known' | 'second-challenge' {
  const known = recorded.find((one) => one.session === session);
  if (!known) return 'new';
  return known.challenge === challenge ? 'known' : 'second-challenge';
}

/** Whether a point may be recorded after others, and whether it is there already. */
export function admitPoint(
  recorded: readonly WhiteBoxSession[],
  { session, point }: Pick<WhiteBoxSession, 'session' | 'point'>,
  cap: number,
): 'new' | 'known' | 'no-challenge' | 'second-point' | 'cap' {
  const known = recorded.find((one) => one.session === session);
  if (!known) return 'no-challenge';
  if (known.point !== '') return known.point === point ? 'known' : 'second-point';
  return pointedCount(recorded) < cap ? 'new' : 'cap';
}

/** How many sessions had a point. */
export function pointedCount(recorded: readonly WhiteBoxSession[]): number {
  return recorded.filter(({ point }) => point !== '').length;
}
