import { createHash } from 'node:crypto';

import { canonical, Shake, taggedHash } from './bytes.js';

export interface Asking {
  readonly question: number;
  readonly isRepeat: boolean;
}

/** queries.md, order. */
export function queryOrder(kinds: readonly string[], repeats: number, seed: Uint8Array): Asking[] {
  const stream = new Shake('veilmark/query-order/2', [seed]);
  const shuffled = stream.permutation(kinds.length);
  const lists = ['ordinary', 'abstract'].map((kind) => shuffled.filter((i) => kinds[i] === kind));
  const twice: number[] = [];
  while (twice.length < repeats && lists.some((list) => list.length > 0)) {
    for (const list of lists) twice.push(...list.splice(0, 1));
  }
  twice.splice(repeats);
  const length = kinds.length + twice.length;
  const places = new Map<number, Asking>();
  const inSecondHalf = (place: number): boolean => 2 * place >= length;
  for (const [i, question] of twice.entries()) {
    let pair: [number, number] | undefined;
    for (let attempt = 0; attempt < 100 && pair === undefined; attempt++) {
      const [a, b] = [stream.below(length), stream.below(length)];
      const isAcross = inSecondHalf(a) !== inSecondHalf(b);
      if (places.has(a) || places.has(b) || a === b || 8 * Math.abs(a - b) < length) continue;
      if (isAcross === i % 4 >= 2) pair = [a, b];
    }
    if (pair === undefined) {
      const free = [...Array(length).keys()].filter((place) => !places.has(place));
      const [a] = free.splice(stream.below(free.length), 1) as [number];
      pair = [a, free[stream.below(free.length)]!];
    }
    places.set(pair[0], { question, isRepeat: false });
    places.set(pair[1], { question, isRepeat: true });
  }
  const rest = stream.permutation(kinds.length).filter((question) => !twice.includes(question));
  return [...Array(length).keys()].map(
    (place) => places.get(place) ?? { question: rest.shift()!, isRepeat: false },
  );
}

/** queries.md, chain: the lines without their LF, and the heads before, between and after them. */
export function chainLines(entries: readonly Record<string, unknown>[]): {
  lines: string[];
  heads: Buffer[];
} {
  const heads = [taggedHash('veilmark/query-log/1', [])];
  const lines = entries.map((entry) => {
    const head = heads.at(-1)!;
    const line = canonical({ ...entry, previous: head.toString('hex') });
    heads.push(taggedHash('veilmark/query-line/1', [head, Buffer.from(line)]));
    return line;
  });
  return { lines, heads };
}

export function imageName(shape: readonly [number, number, number], pixels: Uint8Array): string {
  return taggedHash('veilmark/query-image/1', [...shape, pixels]).toString('hex');
}

export function bodyOf(text: string): object {
  const bytes = Buffer.from(text);
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { bytes: bytes.toString('base64'), digest, length: bytes.length };
}
