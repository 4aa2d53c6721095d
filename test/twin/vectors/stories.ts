import { canonical, taggedHash } from '../bytes.js';
import { commit } from '../commitment.js';
import { publicKey } from '../ed25519.js';
import { encodeMessage, type Party, play, receipt, type Story, transcript } from '../session.js';
import { derivedClaim, drawn, smallMark } from './small-claims.js';

/** A policy that a batch of two over four classes can win: 1/16 × 2 batches × 2 for the label map ≤ 2^−2. */
export const smallPolicy = {
  alphaBits: 1,
  answerBytes: 4096,
  controlPpm: 1000,
  deadlineSeconds: 5,
  decoysPerTrigger: 1,
  epsilonPpm: 500_000,
  grindingBits: 0,
  hiddenProofs: 'none',
  minimumDecoyAccuracyPpm: 500_000,
  minimumFidelityPpm: 990_000,
  minimumRepeatAgreementPpm: 950_000,
  nullModels: 0,
  nullPpm: 100_000,
  openingKey: '',
  querySeconds: 5,
  repeats: 1,
  retries: 0,
  suspectBits: 1,
  whiteBoxKeys: { classification: '', fold: '', neurons: '', threshold: '' },
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
  nulls: [],
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

/** The transcript of the honest session, aborted after some messages, perhaps over a refused one. */
export function aborted({
  after,
  by,
  fault,
  refused,
  named = refused ?? null,
}: {
  after: number;
  by: Party;
  fault: Party | 'nobody';
  refused?: Uint8Array;
  /** The message that the abort says it refuses, null for none. */
  named?: Uint8Array | null;
}): Uint8Array {
  const { commitment } = honest;
  const { messages, heads } = play(honest);
  const digest = named ? taggedHash('veilmark/refused/1', [named]).toString('hex') : '';
  const payload = canonical({ code: 'test.abort', fault, message: 'a reason', refused: digest });
  const draft = { seq: after, from: by, type: 'abort', payload };
  const seed = by === 'judge' ? judgeSeed : commitment.mark.ownerSeed;
  const abort = encodeMessage(heads[after]!, draft, seed);
  return transcript(commitment.file, [...messages.slice(0, after), abort], refused);
}
