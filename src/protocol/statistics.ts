/** Exact arithmetic of the decision: rationals of big integers, no floating point. */

/** A probability as a fraction in [0, 1]. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * The exact upper tail P[Bin(n, p) ≥ k] for p above 0, with denominator p.denominator^n. Each term follows from the one above it by
 * an exact division, so that a hostile commitment with batches of thousands costs a judge seconds and not hours.
 */
export function binomialTail({
  trials,
  successes,
  chance,
}: {
  trials: number;
  successes: number;
  chance: Fraction;
}): Fraction {
  const { numerator: a, denominator: b } = chance;
  let term = a ** BigInt(trials);
  let sum = 0n;
  for (let j = trials; j >= Math.max(successes, 0); j--) {
    sum += term;
    term = (term * BigInt(j) * (b - a)) / (BigInt(trials - j + 1) * a);
  }
  return { numerator: sum, denominator: b ** BigInt(trials) };
}

/**
 * The smallest k with `P[Bin(n, p) ≥ k] × factor ≤ 2^−bits`, exactly, or undefined where not even n is. One pass from the
 * top: with batches of thousands over many classes each number has a hundred thousand digits.
 */
export function fewestSuccesses({
  trials,
  chance: { numerator: a, denominator: b },
  factor,
  bits,
}: {
  trials: number;
  chance: Fraction;
  factor: bigint;
  bits: number;
}): number | undefined {
  const most = b ** BigInt(trials) / (factor << BigInt(bits));
  let term = a ** BigInt(trials);
  let sum = 0n;
  let fewest: number | undefined;
  for (let j = trials; j >= 0; j--) {
    sum += term;
    if (sum > most) break;
    fewest = j;
    term = (term * BigInt(j) * (b - a)) / (BigInt(trials - j + 1) * a);
  }
  return fewest;
}

/** Whether `fraction × factor ≤ 2^−bits`, exactly. */
export function atMostPowerOfTwo(fraction: Fraction, factor: bigint, bits: number): boolean {
  return (fraction.numerator * factor) << BigInt(bits) <= fraction.denominator;
}

/** log2 of a positive fraction, rounded to the nearest float: for people, never for a decision. */
export function log2({ numerator, denominator }: Fraction): number {
  return log2Integer(numerator) - log2Integer(denominator);
}

function log2Integer(value: bigint): number {
  if (value <= 0n) return -Infinity;
  const shift = Math.max(value.toString(2).length - 53, 0);
  return Math.log2(Number(value >> BigInt(shift))) + shift;
}
