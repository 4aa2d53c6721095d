/**
 * The one-dimensional transforms of F(4, 3) in Winograd's minimal filtering (Lavin and Gray 2016, section 4.1) at the
 * points 0, ±3/4, ±3/2 and ∞, where rounding errors are about half of those at the usual 0, ±1, ±2. Each takes and gives
 * vectors of four channels.
 */

const p: f32 = 0.75;
const q: f32 = 1.5;
const p2: f32 = p * p;
const q2: f32 = q * q;
const p3: f32 = p2 * p;
const q3: f32 = q2 * q;
const sum: f32 = p2 + q2;
const product: f32 = p2 * q2;

/** Divisors of the points' rows: the products of their differences from the other points. */
const at0: f32 = 1 / product;
const atP: f32 = 1 / (2 * p2 * (p2 - q2));
const atQ: f32 = 1 / (2 * q2 * (q2 - p2));

// @ts-ignore: decorator
@inline
function times(factor: f32, x: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), x);
}

/** Bᵀ: six inputs of a tile. */
// @ts-ignore: decorator
@inline
export function transformInput(
  x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128,
  to: usize, step: usize,
): void {
  v128.store(to, f32x4.add(x4, f32x4.sub(times(product, x0), times(sum, x2))));
  const evenP = f32x4.sub(x4, times(q2, x2));
  const oddP = times(p, f32x4.sub(x3, times(q2, x1)));
  v128.store(to + step, f32x4.add(evenP, oddP));
  v128.store(to + 2 * step, f32x4.sub(evenP, oddP));
  const evenQ = f32x4.sub(x4, times(p2, x2));
  const oddQ = times(q, f32x4.sub(x3, times(p2, x1)));
  v128.store(to + 3 * step, f32x4.add(evenQ, oddQ));
  v128.store(to + 4 * step, f32x4.sub(evenQ, oddQ));
  v128.store(to + 5 * step, f32x4.add(x5, f32x4.sub(times(product, x1), times(sum, x3))));
}

/** A: four gradients of a tile's outputs. */
// @ts-ignore: decorator
@inline
export function transformGradient(x0: v128, x1: v128, x2: v128, x3: v128, to: usize, step: usize): void {
  v128.store(to, x0);
  const evenP = f32x4.add(x0, times(p2, x2));
  const oddP = f32x4.add(times(p, x1), times(p3, x3));
  v128.store(to + step, f32x4.add(evenP, oddP));
  v128.store(to + 2 * step, f32x4.sub(evenP, oddP));
  const evenQ = f32x4.add(x0, times(q2, x2));
  const oddQ = f32x4.add(times(q, x1), times(q3, x3));
  v128.store(to + 3 * step, f32x4.add(evenQ, oddQ));
  v128.store(to + 4 * step, f32x4.sub(evenQ, oddQ));
  v128.store(to + 5 * step, x3);
}

/** Aᵀ, from six products to four outputs. */
// @ts-ignore: decorator
@inline
export function transformOutput(from: usize, fromStep: usize, to: usize, step: usize): void {
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  const m4 = v128.load(from + 4 * fromStep);
  const evenP = f32x4.add(m1, m2);
  const oddP = f32x4.sub(m1, m2);
  const evenQ = f32x4.add(m3, m4);
  const oddQ = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(v128.load(from), f32x4.add(evenP, evenQ)));
  v128.store(to + step, f32x4.add(times(p, oddP), times(q, oddQ)));
  v128.store(to + 2 * step, f32x4.add(times(p2, evenP), times(q2, evenQ)));
  const odd = f32x4.add(times(p3, oddP), times(q3, oddQ));
  v128.store(to + 3 * step, f32x4.add(v128.load(from + 5 * fromStep), odd));
}

/** G: three taps of a filter. */
// @ts-ignore: decorator
@inline
export function transformFilter(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  v128.store(to, times(at0, g0));
  const evenP = times(atP, f32x4.add(g0, times(p2, g2)));
  const oddP = times(atP * p, g1);
  v128.store(to + step, f32x4.add(evenP, oddP));
  v128.store(to + 2 * step, f32x4.sub(evenP, oddP));
  const evenQ = times(atQ, f32x4.add(g0, times(q2, g2)));
  const oddQ = times(atQ * q, g1);
  v128.store(to + 3 * step, f32x4.add(evenQ, oddQ));
  v128.store(to + 4 * step, f32x4.sub(evenQ, oddQ));
  v128.store(to + 5 * step, g2);
}

/** Gᵀ, from the sums of six products to the gradients of three taps. */
// @ts-ignore: decorator
@inline
export function transformFilterGradient(from: usize, fromStep: usize, to: usize, step: usize): void {
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  const m4 = v128.load(from + 4 * fromStep);
  const evenP = times(atP, f32x4.add(m1, m2));
  const evenQ = times(atQ, f32x4.add(m3, m4));
  v128.store(to, f32x4.add(times(at0, v128.load(from)), f32x4.add(evenP, evenQ)));
  const oddP = times(atP * p, f32x4.sub(m1, m2));
  const oddQ = times(atQ * q, f32x4.sub(m3, m4));
  v128.store(to + step, f32x4.add(oddP, oddQ));
  const even = f32x4.add(times(p2, evenP), times(q2, evenQ));
  v128.store(to + 2 * step, f32x4.add(v128.load(from + 5 * fromStep), even));
}
