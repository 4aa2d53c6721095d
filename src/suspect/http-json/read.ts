import type { Answer } from '../../protocol/index.js';
import { answerOfLabel, answerOfName, answerOfScores, type Reading } from '../answers.js';
import type { BatchAnswer } from '../batching.js';
import type { HttpJsonConfig } from './config.js';
import { parsePointer, valueAt } from './json-pointer.js';

const noClass: Answer = { refused: 'suspect.answer' };

/** Reads answers as the settings say. Throws `InputError` `suspect.config` for a pointer that is none. */
export function answerReader(
  { answer, firstLabel = 0 }: Pick<HttpJsonConfig, 'answer' | 'firstLabel'>,
  { classNames, onScore }: { classNames: readonly string[] } & Pick<Reading, 'onScore'>,
): (body: unknown, count: number) => BatchAnswer {
  const reading = { classes: classNames.length, onScore };
  const labelOf = (value: unknown): Answer =>
    typeof value === 'number'
      ? answerOfLabel(value - firstLabel, reading)
      : answerOfName(value, classNames);
  const readOne = oneReader(answer, { labelOf, classNames, reading });
  const items = answer.items === undefined ? undefined : parsePointer(answer.items);
  return (body, count) => {
    if (items === undefined) return [readOne(body)];
    const list = valueAt(body, items);
    if (!Array.isArray(list)) return 'suspect.garbage';
    return list.length === count ? list.map(readOne) : 'suspect.count';
  };
}

function oneReader(
  { label, scores, ranked }: HttpJsonConfig['answer'],
  {
    labelOf,
    classNames,
    reading,
  }: { labelOf: (value: unknown) => Answer; classNames: readonly string[]; reading: Reading },
): (item: unknown) => Answer {
  if (label !== undefined) {
    const place = parsePointer(label);
    return (item) => labelOf(valueAt(item, place));
  }
  if (scores !== undefined) {
    const place = parsePointer(scores);
    return (item) => answerOfScores(inOrder(valueAt(item, place), classNames), reading);
  }
  const list = parsePointer(ranked?.list ?? '');
  const name = parsePointer(ranked?.label ?? '');
  const score = parsePointer(ranked?.score ?? '');
  return (item) => {
    const entries = valueAt(item, list);
    if (!Array.isArray(entries)) return noClass;
    const read = entries.map((entry) => [valueAt(entry, score), valueAt(entry, name)] as const);
    return best(read, labelOf, reading);
  };
}

/** Scores in the order of the classes: a list as it is, an object by the names, which are these and no others. */
function inOrder(scores: unknown, classNames: readonly string[]): readonly unknown[] {
  if (Array.isArray(scores)) return scores;
  if (typeof scores !== 'object' || scores === null) return [];
  if (Object.keys(scores).length !== classNames.length) return [];
  return classNames.map((name) => valueAt(scores, [name]));
}

/** The label with the greatest score; a tie between two labels is no answer. */
function best(
  entries: readonly (readonly [score: unknown, label: unknown])[],
  labelOf: (value: unknown) => Answer,
  { onScore }: Reading,
): Answer {
  const scores = entries.map(([score]) =>
    typeof score === 'number' && Number.isFinite(score) ? score : NaN,
  );
  if (entries.length === 0 || scores.includes(NaN)) return noClass;
  const greatest = scores.reduce((a, b) => Math.max(a, b));
  const winners = entries.filter((_, i) => scores[i] === greatest);
  const [[, label] = []] = winners;
  const answer = winners.length === 1 ? labelOf(label) : noClass;
  if ('label' in answer) onScore?.(greatest);
  return answer;
}
