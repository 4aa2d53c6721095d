/** decision.md, by ways that are slow and obvious. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** P[Bin(n, 1/c) = j] for every j as integers over c^n: one trial after another (Pascal's recursion). */
export function distribution(trials: number, c: bigint): bigint[] {
  let row = [1n];
  for (let trial = 0; trial < trials; trial++) {
    row = Array.from(
      { length: row.length + 1 },
      (_, j) => (row[j] ?? 0n) * (c - 1n) + (row[j - 1] ?? 0n),
    );
  }
  return row;
}

export function tail(trials: number, successes: number, c: bigint): Rational {
  const row = distribution(trials, c);
  const numerator = row.slice(Math.max(successes, 0)).reduce((sum, value) => sum + value, 0n);
  return { numerator, denominator: c ** BigInt(trials) };
}

/** P[Bin(n, ppm/10^6) = j] for every j as integers over 10^(6n), by Pascal's recursion again. */
function distributionOf(trials: number, ppm: number): bigint[] {
  const [hit, miss] = [BigInt(ppm), BigInt(1_000_000 - ppm)];
  let row = [1n];
  for (let trial = 0; trial < trials; trial++) {
    row = Array.from(
      { length: row.length + 1 },
      (_, j) => (row[j] ?? 0n) * miss + (row[j - 1] ?? 0n) * hit,
    );
  }
  return row;
}

const total = (row: readonly bigint[]): bigint => row.reduce((sum, value) => sum + value, 0n);

/** The bound of Clopper and Pearson in parts per million: the last that is too small, one decimal digit after another, and one more. */
export function upperBound(trials: number, successes: number, levelPpm: number): number {
  const isTooSmall = (ppm: number): boolean => {
    const below = total(distributionOf(trials, ppm).slice(0, successes + 1));
    return below * 1_000_000n > BigInt(levelPpm) * 1_000_000n ** BigInt(trials);
  };
  if (isTooSmall(1_000_000)) return 1_000_000;
  let ppm = 0;
  for (let digit = 100_000; digit >= 1; digit /= 10) {
    while (ppm + digit < 1_000_000 && isTooSmall(ppm + digit)) ppm += digit;
  }
  return ppm + 1;
}

/** What every claim with a plain label map is charged. */
const plainCharge = 2n;

/** T with chosen labels, where null models bound the chance of a match; n + 1 where a whole batch does not win. */
export function thresholdWithin(ppm: number, { batchSize, batches, ...bits }: Stakes): number {
  const row = distributionOf(batchSize, ppm);
  const all = bits.alphaBits + bits.grindingBits + bits.suspectBits;
  const wins = (k: number): boolean =>
    total(row.slice(k)) * BigInt(batches) * plainCharge * 2n ** BigInt(all) <=
    1_000_000n ** BigInt(batchSize);
  return [...row.keys()].find(wins) ?? batchSize + 1;
}

/** Whether some of several models matches derived labels more often than chance allows at a level: one test each, added up. */
export function isExcess(
  matches: readonly number[],
  { c, batchSize }: Pick<Stakes, 'c' | 'batchSize'>,
  levelPpm: number,
): boolean {
  const { numerator, denominator } = tail(batchSize, Math.max(...matches), BigInt(c));
  return numerator * BigInt(matches.length) * 1_000_000n < denominator * BigInt(levelPpm);
}

export interface Stakes {
  /** Chance of one match is 1/c. */
  readonly c: number;
  readonly batchSize: number;
  readonly batches: number;
  readonly alphaBits: number;
  readonly grindingBits: number;
  readonly suspectBits: number;
}

export function wins(stakes: Stakes, matches: number): boolean {
  const { numerator, denominator } = tail(stakes.batchSize, matches, BigInt(stakes.c));
  const bits = stakes.alphaBits + stakes.grindingBits + stakes.suspectBits;
  return numerator * BigInt(stakes.batches) * plainCharge * 2n ** BigInt(bits) <= denominator;
}

/** The factor for the label map: 2 for a plain one, twice the number of one-to-one maps for those, times that of all maps for others. */
export function mapCharge(labelMap: readonly number[], classes: number): bigint {
  if (labelMap.every((label, answer) => label < 0 || label === answer)) return plainCharge;
  let oneToOne = plainCharge;
  if (labelMap.length >= classes) {
    for (let label = 0; label < classes; label++) oneToOne *= BigInt(labelMap.length - label);
  }
  const used = labelMap.filter((label) => label >= 0).sort((a, b) => a - b);
  if (used.length === classes && used.every((label, i) => label === i)) return oneToOne;
  return labelMap.reduce((product) => product * BigInt(classes + 1), oneToOne);
}

/** T, or −1 when even a whole batch does not win. */
export function threshold(stakes: Stakes): number {
  for (let matches = 0; matches <= stakes.batchSize; matches++) {
    if (wins(stakes, matches)) return matches;
  }
  return -1;
}

/** How many of two groups have a property: first.with, first.of, second.with, second.of. */
export type Table = readonly [number, number, number, number];

/** Fisher's exact test by dealing out the property in every way: one-sided, more in the first group. */
export function fisher([a, n, b, m]: Table): Rational {
  const ways = (of: number, with_: number): bigint => distribution(of, 2n)[with_] ?? 0n;
  let numerator = 0n;
  for (let x = a; x <= Math.min(n, a + b); x++) numerator += ways(n, x) * ways(m, a + b - x);
  return { numerator, denominator: ways(n + m, a + b) };
}
