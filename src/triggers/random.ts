import { shake256 } from '@noble/hashes/sha3.js';

import { frame, InputError } from '../base/index.js';

/** Draws from a stream of bytes that a seed fixes. Two runs that draw the same things in the same order agree. */
export interface Random {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  unit(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform among 0 … bound − 1, by rejection. */
  integer(bound: number): number;
  /** True with a probability. */
  chance(probability: number): boolean;
  /** One of a list, each as likely. */
  pick<const T extends readonly [unknown, ...unknown[]]>(choices: T): T[number];
  /** 32 random bits, to seed a hash. */
  bits(): number;
}

const blockBytes = 544;

/**
 * The SHAKE-256 stream of a 32-byte seed under the generator's domain tag. Raising the tag's number says that the same
 * seed gives other pictures from now on. Throws `InputError` `trigger.seed` for a seed of another length.
 */
export function randomStream(seed: Uint8Array): Random {
  if (seed.length !== 32) {
    throw new InputError({
      code: 'trigger.seed',
      message: `the seed of a picture has 32 bytes, got ${seed.length}`,
    });
  }
  const stream = shake256.create().update(frame(['veilmark/abstract/1', seed]));
  let block = new DataView(new ArrayBuffer(0));
  let used = 0;
  const bits = (): number => {
    if (used === block.byteLength) {
      block = new DataView(stream.xof(blockBytes).buffer);
      used = 0;
    }
    used += 4;
    return block.getUint32(used - 4);
  };
  const unit = () => bits() / 2 ** 32;
  const integer = (bound: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = bits();
    while (value >= limit) value = bits();
    return value % bound;
  };
  return {
    bits,
    unit,
    integer,
    between: (low, high) => low + (high - low) * unit(),
    chance: (probability) => unit() < probability,
    pick: (choices) => choices[integer(choices.length)],
  };
}
