import { classCount, type Commitment } from '../commitment/index.js';
import { fieldOrder, taggedPoseidon } from '../crypto/index.js';
import type { Projection } from '../network/index.js';
import { foldWidth, type Layout, slots } from './white-box-layout.js';

const sumTag = 'veilmark/partial-sum/1';
const matchTag = 'veilmark/match/1';

/** The commitment to 0 with salt 0, which stands in unused places and in no other. */
export const zeroSum = taggedPoseidon(sumTag, [0n, 0n]);
export const zeroMatch = taggedPoseidon(matchTag, [0n, 0n]);

/** Commits to a partial sum. */
export function commitSum(sum: bigint, salt: bigint): bigint {
  return taggedPoseidon(sumTag, [sum, salt]);
}

/** Commits to a match bit. */
export function commitMatch(match: 0n | 1n, salt: bigint): bigint {
  return taggedPoseidon(matchTag, [match, salt]);
}

/** What everything is checked against: the random point and the network at it. */
export interface Point {
  readonly rho: bigint;
  readonly projection: Projection;
}

/** What an owner says publicly of one trigger; all are field elements. */
export interface PublicTrigger {
  readonly index: number;
  /** Salted digest of each block's neurons, and of the logits: said before the point is known. */
  readonly neurons: readonly bigint[];
  readonly logits: bigint;
  /** Commitments to the partial sums, those of blocks first, then those of folds; and to the match bit. */
  readonly sums: readonly bigint[];
  readonly match: bigint;
}

/** Public signals of the circuit `neurons` for a block, in their order. */
export function neuronsPublics(
  { rho, projection }: Point,
  { blockSize }: Layout,
  trigger: Pick<PublicTrigger, 'neurons' | 'sums'>,
  block: number,
) {
  const start = block * blockSize;
  return {
    rho,
    offset: power(rho, start),
    beta: projection.outputs.slice(start, start + blockSize),
    digest: trigger.neurons[block] ?? 0n,
    sumCommitment: trigger.sums[block] ?? 0n,
  };
}

/** Public signals of the circuit `fold`. */
export function foldPublics(layout: Layout, { sums }: Pick<PublicTrigger, 'sums'>, fold: number) {
  const inputs = (layout.folds[fold] ?? []).map((sum) => sums[sum] ?? 0n);
  return {
    commitments: padded(inputs, foldWidth, zeroSum),
    total: sums[layout.blocks + fold] ?? 0n,
  };
}

/** Public signals of the circuit `classification`. */
export function classificationPublics(
  commitment: Commitment,
  { projection }: Point,
  layout: Layout,
  trigger: PublicTrigger,
) {
  const { parameters, labelSeed } = commitment;
  const sums = layout.last.map((sum) => trigger.sums[sum] ?? 0n);
  return {
    triggerCommitment: commitment.triggers[trigger.index] ?? 0n,
    labelCommitment: commitment.labels[trigger.index] ?? 0n,
    index: BigInt(trigger.index),
    seed: labelSeed,
    classes: BigInt(classCount(parameters)),
    naturalGiven: parameters.natural === 'given' ? 1n : 0n,
    pixelBeta: projection.pixels,
    powers: projection.powers,
    constant: projection.constant,
    logitsDigest: trigger.logits,
    sumCommitments: padded(sums, slots, zeroSum),
    matchCommitment: trigger.match,
  };
}

/** Public signals of the circuit `threshold`: at least `least` of the match bits are 1. */
export function thresholdPublics({ batchRoom }: Layout, matches: readonly bigint[], least: number) {
  return { commitments: padded(matches, batchRoom, zeroMatch), least: BigInt(least) };
}

/** Public signals as a proof's public inputs. */
export function inputsOf(publics: Readonly<Record<string, bigint | readonly bigint[]>>): bigint[] {
  return Object.values(publics).flat();
}

function padded(values: readonly bigint[], length: number, filler: bigint): bigint[] {
  return [...values, ...new Array<bigint>(Math.max(0, length - values.length)).fill(filler)];
}

function power(base: bigint, exponent: number): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % fieldOrder;
    square = (square * square) % fieldOrder;
  }
  return result;
}
