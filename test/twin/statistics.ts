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
  return numerator * BigInt(stakes.batches) * 2n ** BigInt(bits) <= denominator;
}

/** How many label maps a party could have chosen from. */
export function mapChoices(labelMap: readonly number[], classes: number): bigint {
  if (labelMap.every((label, answer) => label < 0 || label === answer)) return 1n;
  const used = labelMap.filter((label) => label >= 0).sort((a, b) => a - b);
  const onto = used.length === classes && used.every((label, i) => label === i);
  const factors = onto
    ? used.map((label) => labelMap.length - label)
    : labelMap.map(() => classes + 1);
  return factors.reduce((product, factor) => product * BigInt(factor), 1n);
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
