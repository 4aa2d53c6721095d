import { curves } from 'snarkjs';

import type { RandomBytes } from '../../crypto/index.js';
import { linesOf, productIsOne } from '../pairing.js';
import { decodeG1, type G1, type G2 } from '../points.js';

/** The part of ffjavascript's curve that is used here. Points are affine, in Montgomery form, sums are Jacobian. */
interface Curve {
  readonly G1: {
    multiExpAffine(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
    toRprUncompressed(out: Uint8Array, at: number, point: Uint8Array): void;
    isZero(point: Uint8Array): boolean;
  };
}

/** Bytes of each random factor: a false list passes with probability 2^-128. snarkjs takes 4. */
const factorBytes = 16;

/** Whether e(a, c) = e(b, d). */
export function pairingsAgree([a, c]: readonly [G1, G2], [b, d]: readonly [G1, G2]): boolean {
  return productIsOne([
    { point: a, lines: linesOf(c) },
    { point: b.negate(), lines: linesOf(d) },
  ]);
}

/**
 * Whether every point of the first list, times the same δ, is that of the second, where `delta` is δ in G2: a random
 * combination of each, and one equation of pairings. Points must be on the curve. Runs within `withSnarkjs`.
 */
export async function haveRatio({
  over,
  plain,
  delta,
  generator,
  random,
}: {
  over: Uint8Array;
  plain: Uint8Array;
  delta: G2;
  generator: G2;
  random: RandomBytes;
}): Promise<boolean> {
  const factors = random((over.length / 64) * factorBytes);
  const curve = (await curves.getCurveFromName('bn128')) as unknown as Curve;
  const [left, right] = [await sum(curve, over, factors), await sum(curve, plain, factors)];
  if (!left || !right) return left === right;
  return pairingsAgree([left, delta], [right, generator]);
}

/** `undefined` for infinity. */
async function sum(
  { G1 }: Curve,
  points: Uint8Array,
  factors: Uint8Array,
): Promise<G1 | undefined> {
  if (points.length === 0) return undefined;
  // ffjavascript takes the bytes for its threads' own.
  const total = await G1.multiExpAffine(points.slice(), factors.slice());
  if (G1.isZero(total)) return undefined;
  const bytes = new Uint8Array(64);
  G1.toRprUncompressed(bytes, 0, total);
  return decodeG1(bytes, { name: 'a sum of points of the key', code: 'key.point' });
}
