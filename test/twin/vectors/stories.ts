import { commit } from '../commitment.js';
import { publicKey } from '../ed25519.js';
import { receipt, type Story } from '../session.js';
import { derivedClaim, drawn, smallMark } from './small-claims.js';

/** A policy that a batch of two over four classes can win: 1/16 × 2 batches ≤ 2^−3. */
export const smallPolicy = {
  alphaBits: 1,
  deadlineSeconds: 5,
  decoysPerTrigger: 1,
  epsilonPpm: 500_000,
  grindingBits: 1,
  minimumDecoyAccuracyPpm: 500_000,
  suspectBits: 1,
};

export const judgeSeed = drawn('session: judge', 32);

export const honest: Story = {
  commitment: derivedClaim(),
  judgeSeed,
  judgeCoins: drawn('session: coins of the judge', 32),
  ownerCoins: drawn('session: coins of the owner', 32),
  nonces: [drawn('session: nonce of the judge', 32), drawn('session: nonce of the owner', 32)],
  policy: smallPolicy,
  spent: [],
  hits: 2,
};

/** An earlier session's receipt for a batch. */
export function earlier(batch: number, digest: Uint8Array = honest.commitment.digest) {
  const id = drawn(`session: an earlier one, ${batch}`, 32);
  const judge = drawn('session: an earlier judge', 32);
  return {
    batch,
    judge: publicKey(judge).toString('hex'),
    receipt: receipt(digest, id, batch, judge),
    session: id.toString('hex'),
  };
}

/** Another owner's commitment with the same parameters. */
export const otherClaim = commit(smallMark('another claim'));
