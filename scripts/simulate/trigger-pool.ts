import { image } from '../../src/base/index.js';
import {
  dealPairs,
  deriveLabel,
  labelSeedInput,
  type Order,
  pairCount,
  type Parameters,
  triggerCommitment,
} from '../../src/commitment/index.js';
import { bytesToField, type SeededStream, slowHash } from '../../src/crypto/index.js';

/** A trigger that some owner may commit to. */
export interface PoolTrigger {
  /** Its place in the pool, by which a suspect knows the image. */
  readonly place: number;
  readonly r: bigint;
  /** cT. */
  readonly trigger: bigint;
}

/** Images and their commitments, made once: hashing an image takes longer than all the rest of a claim. */
export function makePool(stream: SeededStream, size: number): PoolTrigger[] {
  const shape = { height: 2, width: 2, channels: 1 };
  return Array.from({ length: size }, (_, place) => {
    const r = bytesToField(stream.bytes(64));
    const picture = image(shape, stream.bytes(4));
    // Abstract: the natural class is K, which differs by setting; the pool fixes one, as it goes into the hash alone.
    return { place, r, trigger: triggerCommitment({ image: picture, natural: 0, r }) };
  });
}

/** What the owner knows after committing: the labels that came out, and who is in which batch. */
export interface SimulatedCommitment {
  readonly pairs: readonly PoolTrigger[];
  readonly labels: readonly number[];
  readonly order: Order;
}

/** scrypt at its cheapest: in place of 128 MiB and a third of a second, a tenth of a millisecond. */
const cost = { logN: 1, r: 1, p: 1 } as const;

/** Commits to triggers as the product does, but for the cost of the label seed. Nobody signs: no signature decides here. */
export function commitTo(
  parameters: Parameters,
  owner: Uint8Array,
  pairs: readonly PoolTrigger[],
): SimulatedCommitment {
  const triggers = pairs.map(({ trigger }) => trigger);
  const input = labelSeedInput({ parameters, owner, triggers });
  const seed = bytesToField(slowHash({ input, salt: 'veilmark/label-seed/1', length: 64, cost }));
  const classes = parameters.classNames.length;
  return {
    pairs,
    labels: pairs.map(
      ({ r }, index) => deriveLabel({ seed, index, r, natural: classes, classes }).label,
    ),
    order: dealPairs(parameters, seed),
  };
}

/** Triggers drawn from those of the pool that please the owner, with repetition: nothing forbids one image twice. */
export function drawPairs(
  parameters: Parameters,
  pool: readonly PoolTrigger[],
  stream: SeededStream,
): PoolTrigger[] {
  return Array.from({ length: pairCount(parameters) }, () => {
    const drawn = pool[stream.below(pool.length)];
    if (!drawn) throw new Error('an empty pool');
    return drawn;
  });
}
