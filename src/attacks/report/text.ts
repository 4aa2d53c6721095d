import type { Counts, Measurement, MeasuredVerdict } from '../record.js';

const noBreak = '\u00a0';
const minus = '\u2212';

/** A verdict in words. */
export const verdictWords = {
  proved: 'proved',
  partly: 'partly proved',
  'not-proved': 'not proved',
} as const satisfies Record<MeasuredVerdict, string>;

/** `10,000`, in every locale. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A number with a true minus sign, as typography wants it. */
export function decimal(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const isZero = /^-?[0.]+$/.test(text);
  return isZero ? text.replace('-', '') : text.replace('-', minus);
}

/** The share of images that got their label, in percent. */
export function share({ correct, total }: Counts): number {
  return (100 * correct) / total;
}

/** `91.00 %`, with a space that does not break. */
export function percent(counts: Counts, digits = 2): string {
  return `${decimal(share(counts), digits)}${noBreak}%`;
}

/** `119 of 120` */
export function countOf({ correct, total }: Counts): string {
  return `${grouped(correct)}${noBreak}of${noBreak}${grouped(total)}`;
}

/** Matches of the batch that matched least, the one that decides whether the claim is proved whichever batch is asked. */
export function weakestBatch({ triggers }: Pick<Measurement, 'triggers'>): number {
  return triggers.batches.reduce((least, matches) => Math.min(least, matches), Infinity);
}

/** log2 p with one digit, `−132.9`. */
export function log2P({ log2P: text }: Measurement): string {
  return decimal(Number(text), 1);
}

/** The first digits of a digest, enough to tell it from others by eye. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** `1 attack`, `2 attacks`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
