import { EvidenceError } from '../base/index.js';
import { SeededStream, taggedHash } from '../crypto/index.js';

/** Bytes of coins that each party throws. */
export const coinBytes = 32;

/** The judge's promise to 32 uniform bytes: hiding because nobody can guess them, binding because SHA-256 is. */
export function commitCoins(judge: Uint8Array, nonce: Uint8Array, coins: Uint8Array): Uint8Array {
  return taggedHash('veilmark/coins/1', [judge, nonce, coins]);
}

/**
 * The batch that both parties' coins pick among the unspent ones. The chain head after both first messages is hashed
 * too, so that coins of another session pick nothing here. Throws `EvidenceError` `session.no-batch`.
 */
export function pickBatch({
  head,
  judgeCoins,
  ownerCoins,
  unspent,
}: {
  head: Uint8Array;
  judgeCoins: Uint8Array;
  ownerCoins: Uint8Array;
  unspent: readonly number[];
}): number {
  const stream = new SeededStream('veilmark/batch/1', [head, judgeCoins, ownerCoins]);
  const batch = unspent.length === 0 ? undefined : unspent[stream.below(unspent.length)];
  if (batch === undefined) {
    throw new EvidenceError({
      code: 'session.no-batch',
      message: 'every batch of the commitment has been opened before',
      hint: 'commit to a new trigger set, or use the white box mode, which opens nothing',
    });
  }
  return batch;
}
