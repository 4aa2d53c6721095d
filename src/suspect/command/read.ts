import type { Answer } from '../../protocol/index.js';
import { answerOfLabel, answerOfName, answerOfScores, type Reading } from '../answers.js';
import type { BatchAnswer } from '../batching.js';

/**
 * Reads what a program printed: for each picture, in order, one line with the number of a class, the name of a class, or a
 * JSON list with a score for each class.
 */
export function readLines(
  output: Uint8Array,
  {
    count,
    classNames,
    ...reading
  }: { count: number; classNames: readonly string[] } & Omit<Reading, 'classes'>,
): BatchAnswer {
  const about = { ...reading, classes: classNames.length };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(output);
  } catch {
    return 'suspect.garbage';
  }
  const lines = text.trim() === '' ? [] : text.trimEnd().split(/\r?\n/);
  if (lines.length !== count) return 'suspect.count';
  return lines.map((line): Answer => {
    const words = line.trim();
    const named = answerOfName(words, classNames);
    if ('label' in named) return named;
    if (/^\d{1,6}$/.test(words)) return answerOfLabel(Number(words), about);
    return words.startsWith('[') ? answerOfScores(scoresOf(words), about) : named;
  });
}

function scoresOf(line: string): readonly unknown[] {
  // Scores are one list; anything deeper is none, and is not parsed.
  if (line.lastIndexOf('[') > 0) return [];
  try {
    const scores: unknown = JSON.parse(line);
    return Array.isArray(scores) ? scores : [];
  } catch {
    return [];
  }
}
