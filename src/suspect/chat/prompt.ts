import { InputError } from '../../base/index.js';
import type { Answer } from '../../protocol/index.js';
import { answerOfName } from '../answers.js';

/** Most classes that a prompt lists. */
const mostClasses = 1000;

/** The one question of a session, and the words that answer it. */
export interface Prompt {
  readonly text: string;
  /** Short answers in the order of the classes; none where a class is named like another's. */
  readonly codes: readonly string[] | undefined;
}

/**
 * The prompt for these classes: letters for up to 26, numbers from 1 for more, names alone where those could be mistaken for
 * names. Throws `InputError` `suspect.classes`.
 */
export function promptFor(classNames: readonly string[]): Prompt {
  if (classNames.length > mostClasses) {
    throw new InputError({
      code: 'suspect.classes',
      message: `a prompt lists at most ${mostClasses} classes, there are ${classNames.length}`,
      hint: 'ask a classifier of many classes through --endpoint-config',
    });
  }
  const codes = codesFor(classNames);
  const lines = classNames.map((name, i) => (codes ? `${codes[i] ?? ''}) ${name}` : name));
  const kind = classNames.length <= 26 ? 'letter' : 'number';
  const how = codes
    ? `Answer with the ${kind} of the one class that fits best, and with nothing else.`
    : 'Answer with the name of the one class that fits best, exactly as it is written above, and with nothing else.';
  return {
    text: ['Classify the image. The classes are:', ...lines, how].join('\n'),
    codes,
  };
}

/** An answer of this kind is a refusal in words; it only decides which cause is named. */
const declines = /^(i[’']?m sorry|sorry\b|i (can(no|[’'])t|am (not able|unable)|won[’']t)\b)/i;

/** Reads an answer strictly: the name of a class or its code, to the letter, but for white space around it. */
export function readWords(words: string, { codes }: Prompt, classNames: readonly string[]): Answer {
  const answer = words.trim();
  const named = answerOfName(answer, classNames);
  if ('label' in named) return named;
  const label = codes?.indexOf(answer) ?? -1;
  if (label >= 0) return { label };
  return { refused: declines.test(answer) ? 'suspect.declined' : 'suspect.answer' };
}

function codesFor(classNames: readonly string[]): string[] | undefined {
  const letters = classNames.length <= 26;
  const codes = classNames.map((_, i) => (letters ? String.fromCharCode(0x41 + i) : String(i + 1)));
  const isMistaken = classNames.some((name, i) => {
    const other = codes.indexOf(name.trim().toUpperCase());
    return other >= 0 && other !== i;
  });
  return isMistaken ? undefined : codes;
}
