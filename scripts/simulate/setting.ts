import type { Parameters } from '../../src/commitment/index.js';
import { defaultPolicy, type Policy } from '../../src/protocol/index.js';

/** The small numbers of a simulated claim. */
export interface Setting {
  /** K. */
  readonly classes: number;
  /** n. */
  readonly batchSize: number;
  /** B. */
  readonly batches: number;
  /** G: commitments that the owner tries before one is published; a power of two. */
  readonly tries: number;
  /** M: suspects that the owner tries before one is accused; a power of two. */
  readonly suspects: number;
}

/** A false claim may win with a chance of 2^−4: small enough to be a bound, large enough to be met in a simulation. */
export const alphaBits = 4;

export function parametersOf({ classes, batchSize, batches }: Setting): Parameters {
  return {
    labelMode: 'derived',
    natural: 'none',
    shape: { height: 2, width: 2, channels: 1 },
    classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
    hidden: batches * batchSize,
    audited: 1,
    batchSize,
    origin: 'system',
  };
}

/** The policy that pays for what the owner of a setting tries. */
export function policyOf({ tries, suspects }: Setting): Policy {
  return {
    ...defaultPolicy,
    alphaBits,
    grindingBits: Math.log2(tries),
    suspectBits: Math.log2(suspects),
    decoysPerTrigger: 0,
  };
}
