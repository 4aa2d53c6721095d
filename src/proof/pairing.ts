import { mulAddUnsafe, pippenger } from '@noble/curves/abstract/curve.js';
import { bn254 } from '@noble/curves/bn254.js';

import type { G1, G2 } from './points.js';

/** The line functions of a point of G2, all that a Miller loop needs of it. */
export type Lines = ReturnType<typeof bn254.utils.calcPairingPrecomputes>;

/** One factor e(point, Q) of a product of pairings, with Q given by its lines. */
export interface PairingTerm {
  readonly point: G1;
  readonly lines: Lines;
}

/** The lines of a point of G2 that is not infinity. */
export function linesOf(point: G2): Lines {
  return bn254.utils.calcPairingPrecomputes(point);
}

/** Whether ∏ e(pointᵢ, Qᵢ) = 1, with one Miller loop and one final exponentiation for all. */
export function productIsOne(terms: readonly PairingTerm[]): boolean {
  const { Fp12 } = bn254.fields;
  const pairs = terms
    // e(infinity, Q) = 1. Infinity has no affine form, and a loop over (0, 0) would not give 1.
    .filter(({ point }) => !point.is0())
    .map(({ point, lines }): [Lines, bigint, bigint] => {
      const { x, y } = point.toAffine();
      return [lines, x, y];
    });
  const product = Fp12.finalExponentiate(bn254.millerLoopBatch(pairs));
  return Fp12.eql(product, Fp12.ONE);
}

/** From here on buckets (Pippenger) beat a table for each point (Straus); measured on Node 20. */
const manyPoints = 128;

/** Σ scalarᵢ·pointᵢ, for public scalars from 0 to r − 1. Infinity for an empty sum. */
export function combine(points: readonly G1[], scalars: readonly bigint[]): G1 {
  const used = points.map((_, i) => i).filter((i) => scalars[i] !== 0n);
  const usedPoints = used.map((i) => points[i] ?? bn254.G1.Point.ZERO);
  const usedScalars = used.map((i) => scalars[i] ?? 0n);
  const multiply = used.length < manyPoints ? mulAddUnsafe : pippenger;
  return multiply(bn254.G1.Point, usedPoints, usedScalars);
}
