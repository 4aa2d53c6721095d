import type { Answer } from '../protocol/index.js';

/** How an answer is read. */
export interface Reading {
  readonly classes: number;
  /** Told the winning score of each answer that has scores, for a display. */
  readonly onScore?: ((score: number) => void) | undefined;
}

const noClass: Answer = { refused: 'suspect.answer' };

/** The class with the greatest of one image's scores, the lowest of equals; refused unless there is one finite score a class. */
export function answerOfScores(scores: readonly unknown[], { classes, onScore }: Reading): Answer {
  let best = 0;
  const finite = scores.every((score, label) => {
    if (typeof score !== 'number' || !Number.isFinite(score)) return false;
    if (score > Number(scores[best])) best = label;
    return true;
  });
  if (!finite || scores.length !== classes) return noClass;
  onScore?.(Number(scores[best]));
  return { label: best };
}

/** A class by its number, from 0 on; refused if it is none. */
export function answerOfLabel(label: unknown, { classes }: Pick<Reading, 'classes'>): Answer {
  if (typeof label !== 'number' || !Number.isInteger(label)) return noClass;
  // JSON has a −0, which is the class 0 and no number of a signed file.
  return label >= 0 && label < classes ? { label: label + 0 } : noClass;
}

/** A class by its name, to the letter; refused if there is none of it. */
export function answerOfName(name: unknown, classNames: readonly string[]): Answer {
  const label = typeof name === 'string' ? classNames.indexOf(name) : -1;
  return label < 0 ? noClass : { label };
}
