import { sha512 } from '@noble/hashes/sha2.js';

import { frame } from '../base/index.js';
import {
  bytesToField,
  fieldToBytes,
  SeededStream,
  slowHash,
  taggedPoseidon,
} from '../crypto/index.js';
import { batchCount, classCount, pairCount, type Parameters, suite } from './parameters.js';

/** Everything that an owner could vary before the label seed exists. */
export interface LabelSeedSource {
  readonly parameters: Parameters;
  /** The owner's Ed25519 public key, 32 bytes. */
  readonly owner: Uint8Array;
  /** cT of all pairs, in order. */
  readonly triggers: readonly bigint[];
}

/** The 64 bytes that the label seed is the slow hash of. */
export function labelSeedInput({ parameters, owner, triggers }: LabelSeedSource): Uint8Array {
  const { labelMode, natural, shape, classNames, hidden, audited, batchSize } = parameters;
  return sha512(
    frame([
      'veilmark/label-seed/1',
      suite,
      labelMode,
      natural,
      classNames.length,
      ...classNames,
      shape.height,
      shape.width,
      shape.channels,
      hidden,
      audited,
      batchSize,
      owner,
      noReceipt,
      triggers.length,
      ...triggers.map(fieldToBytes),
    ]),
  );
}

/**
 * The label seed σ: scrypt of everything that an owner could vary, all trigger commitments included. It exists only
 * after every image is fixed, and each try to grind it costs 128 MiB and a third of a second.
 */
export function labelSeed(source: LabelSeedSource): bigint {
  const input = labelSeedInput(source);
  return bytesToField(slowHash({ input, salt: 'veilmark/label-seed/1', length: 64 }));
}

/** The place of a time stamp receipt's core, which this suite's commitments do without. */
const noReceipt = new Uint8Array();

/** A label that nobody chose, and the element u that blinds its commitment. */
export interface DerivedLabel {
  readonly label: number;
  readonly u: bigint;
}

/**
 * `u = Poseidon("veilmark/label/1", σ, i, r)`, d = the low 128 bits of its canonical form. Without a natural class the
 * label is d mod K; otherwise v = d mod (K − 1), skipping the natural class. For any images and any model fixed without
 * σ, each label matches with probability at most 1/K or 1/(K − 1), up to 2^-100.
 */
export function deriveLabel({
  seed,
  index,
  r,
  natural,
  classes,
}: {
  seed: bigint;
  index: number;
  r: bigint;
  natural: number;
  classes: number;
}): DerivedLabel {
  const u = taggedPoseidon('veilmark/label/1', [seed, BigInt(index), r]);
  const d = BigInt.asUintN(128, u);
  if (natural === classes) return { label: Number(d % BigInt(classes)), u };
  const v = Number(d % BigInt(classes - 1));
  return { label: v >= natural ? v + 1 : v, u };
}

/** Which pairs are opened for good, and how the others are dealt into sessions. */
export interface Order {
  readonly audited: readonly number[];
  readonly batches: readonly (readonly number[])[];
}

/** Shuffles all pairs from H("order", σ): the audited first, then the batches. Each list in ascending order. */
export function dealPairs(parameters: Parameters, seed: bigint): Order {
  const stream = new SeededStream('veilmark/order/1', [fieldToBytes(seed)]);
  const order = stream.permutation(pairCount(parameters));
  const { audited, batchSize } = parameters;
  const take = (start: number, length: number): number[] =>
    order.slice(start, start + length).sort((a, b) => a - b);
  return {
    audited: take(0, audited),
    batches: Array.from({ length: batchCount(parameters) }, (_, b) =>
      take(audited + b * batchSize, batchSize),
    ),
  };
}

/** Whether a label is one of the K classes. */
export function isLabel(parameters: Parameters, label: number): boolean {
  return Number.isSafeInteger(label) && label >= 0 && label < classCount(parameters);
}
