import { shake256 } from '@noble/hashes/sha3.js';
import { randomBytes } from '@noble/hashes/utils.js';

import { bigEndianToInteger, frame, type FrameField, InputError } from '../base/index.js';

/** Uniform bytes from somewhere: the operating system in use, a seed in tests. */
export type RandomBytes = (length: number) => Uint8Array;

/** The operating system's generator, the only source of secrets. */
export const systemRandom: RandomBytes = (length) => randomBytes(length);

/** A stream of bytes that anyone can recompute: SHAKE-256 of a frame that starts with a domain tag. */
export class SeededStream {
  readonly #xof: ReturnType<typeof shake256.create>;

  constructor(tag: string, fields: readonly FrameField[]) {
    this.#xof = shake256.create().update(frame([tag, ...fields]));
  }

  bytes(length: number): Uint8Array {
    return this.#xof.xof(length);
  }

  /** A uniform integer in [0, bound) by rejection; bound from 1 to 2^48. */
  below(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1 || bound > 2 ** 48) {
      throw new InputError({ code: 'random.bound', message: `no integers below ${bound}` });
    }
    const range = 2n ** 64n;
    const limit = range - (range % BigInt(bound));
    for (;;) {
      const draw = bigEndianToInteger(this.bytes(8));
      if (draw < limit) return Number(draw % BigInt(bound));
    }
  }

  /** A uniform permutation of 0 … length − 1 (Fisher–Yates, last place first). */
  permutation(length: number): number[] {
    const order = Array.from({ length }, (_, i) => i);
    for (let last = length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const kept = order[last] ?? 0;
      order[last] = order[other] ?? 0;
      order[other] = kept;
    }
    return order;
  }
}
