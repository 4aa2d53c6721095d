import type { Fraction } from './statistics.js';

/** A 2 × 2 table: how many of two groups have a property. */
export interface TwoGroups {
  readonly first: { readonly with: number; readonly of: number };
  readonly second: { readonly with: number; readonly of: number };
}

/** With all margins above this the test is not made: big integers of millions of digits would take minutes. */
const mostTrials = 20_000;

/**
 * Fisher's exact test, one-sided: the chance that at least so many of the first group have the property, if the property
 * was dealt out over both groups at random (the hypergeometric upper tail P[X ≥ first.with], given all margins). 1 for an
 * empty margin, and where the smallest one is above 20,000. R. A. Fisher, The Design of Experiments, section 12.
 */
export function fisherTail({ first, second }: TwoGroups): Fraction {
  const all = first.of + second.of;
  const withIt = first.with + second.with;
  // The table may be turned and mirrored as one likes: terms of the smallest margin are the shortest.
  const [rest, without] = [second.of, all - withIt];
  const smallest = Math.min(first.of, withIt, rest, without);
  if (smallest === 0 || smallest > mostTrials) return { numerator: 1n, denominator: 1n };
  switch (smallest) {
    case first.of:
      return upperTail({ draws: first.of, marked: withIt, all, least: first.with });
    case withIt:
      return upperTail({ draws: withIt, marked: first.of, all, least: first.with });
    case rest:
      return upperTail({ draws: rest, marked: without, all, least: rest - second.with });
    default:
      return upperTail({ draws: without, marked: rest, all, least: rest - second.with });
  }
}

/** P[X ≥ least] for the marked ones among `draws` of `all` without replacement: Σ C(m, x) C(N − m, n − x) / C(N, n). */
function upperTail({
  draws,
  marked,
  all,
  least,
}: {
  draws: number;
  marked: number;
  all: number;
  least: number;
}): Fraction {
  const most = Math.min(draws, marked);
  let term = choose(marked, most) * choose(all - marked, draws - most);
  let sum = 0n;
  for (let x = most; x >= Math.max(least, 0); x--) {
    sum += term;
    // From C(m, x) C(N − m, n − x) to that of x − 1, an exact division.
    term =
      (term * BigInt(x) * BigInt(all - marked - draws + x)) /
      (BigInt(marked - x + 1) * BigInt(draws - x + 1));
  }
  return { numerator: sum, denominator: choose(all, draws) };
}

function choose(n: number, k: number): bigint {
  let product = 1n;
  for (let i = 1; i <= k; i++) product = (product * BigInt(n - k + i)) / BigInt(i);
  return product;
}

/** Whether `chance × tests ≤ ppm / 10^6`, exactly: a test at this level, charged for being one of several. */
export function isRejected(
  { numerator, denominator }: Fraction,
  { ppm, tests = 1 }: { ppm: number; tests?: number },
): boolean {
  return numerator * BigInt(tests) * 1_000_000n <= BigInt(ppm) * denominator;
}
