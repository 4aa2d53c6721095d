import { hexBytes } from '../base/index.js';
import { SeededStream } from '../crypto/index.js';
import type { Plan } from '../protocol/index.js';

/** One asking of a question of a plan. */
export interface Asking {
  /** Index of the question. */
  readonly question: number;
  /** Whether it counts only for the comparison with the other asking of the same decoy. */
  readonly isRepeat: boolean;
}

/**
 * The random order of all askings of a plan, which anyone can repeat from its seed. The decoys asked twice are ordinary and
 * abstract in turn, as far as both last; of every four, two have both askings in the same half of the order, two have one in
 * each; all are at least an eighth of the order apart. Which of the two counts as the decoy's own is random too, so that a
 * change in between meets triggers and decoys alike.
 */
export function queryOrder({ questions, repeats, seed }: Plan): Asking[] {
  const stream = new SeededStream('veilmark/query-order/2', [hexBytes(seed, 32)]);
  const repeated = drawRepeated(questions, repeats, stream);
  const length = questions.length + repeated.length;
  const order = new Array<Asking | undefined>(length);
  repeated.forEach((question, i) => {
    const [own, again] = drawPair(order, { apart: i % 4 < 2 ? 'half' : 'halves', stream });
    order[own] = { question, isRepeat: false };
    order[again] = { question, isRepeat: true };
  });
  const twice = new Set(repeated);
  const others = stream
    .permutation(questions.length)
    .filter((question) => !twice.has(question))
    .values();
  return Array.from(
    order,
    (asking) => asking ?? { question: others.next().value ?? 0, isRepeat: false },
  );
}

function drawRepeated(
  questions: Plan['questions'],
  repeats: number,
  stream: SeededStream,
): number[] {
  const shuffled = stream.permutation(questions.length);
  const ordinary = shuffled.filter((i) => questions[i]?.kind === 'ordinary');
  const abstract = shuffled.filter((i) => questions[i]?.kind === 'abstract');
  const inTurn = Array.from({ length: Math.max(ordinary.length, abstract.length) }, (_, i) => [
    ordinary[i],
    abstract[i],
  ]);
  return inTurn
    .flat()
    .filter((question) => question !== undefined)
    .slice(0, repeats);
}

/** Tries for a pair of places of the wanted kind, after which any two free ones do: for plans of a few questions. */
const tries = 100;

function drawPair(
  order: readonly (Asking | undefined)[],
  { apart, stream }: { apart: 'half' | 'halves'; stream: SeededStream },
): [number, number] {
  const { length } = order;
  for (let i = 0; i < tries; i++) {
    const [a, b] = [stream.below(length), stream.below(length)];
    const isFree = a !== b && order[a] === undefined && order[b] === undefined;
    const isWanted = isFirstHalf(a, length) === isFirstHalf(b, length) ? 'half' : 'halves';
    if (isFree && isWanted === apart && Math.abs(a - b) >= length / 8) return [a, b];
  }
  const free = Array.from(order.keys()).filter((place) => order[place] === undefined);
  const [a = 0] = free.splice(stream.below(free.length), 1);
  return [a, free[stream.below(free.length)] ?? 0];
}

/** Whether a place is in the first half of an order. */
export function isFirstHalf(place: number, length: number): boolean {
  return 2 * place < length;
}
