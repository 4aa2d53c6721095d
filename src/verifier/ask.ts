import type { Image } from '../base/index.js';
import { type RandomBytes, SeededStream } from '../crypto/index.js';
import type { Answer, DecoyReport, Suspect } from '../protocol/index.js';

/** An image that is no trigger, asked so that the suspect cannot tell which questions matter. */
export interface Decoy {
  readonly image: Image;
  readonly kind: 'ordinary' | 'abstract';
  /** The suspect's class that a right answer names, when the judge knows it. */
  readonly label?: number;
}

/** Images asked in one call of the suspect. */
const chunkSize = 50;

/** Calls in a row without one answer after which a suspect is taken for dead and asked no more. */
const patience = 2;

/**
 * Asks the suspect about triggers and decoys in one random order, so that neither the order nor the chunks tell which
 * questions matter. A suspect that answers nothing twice in a row is not asked further: all that is left is refused with
 * its last cause. Returns the answers to the triggers and the counts for the decoys.
 */
export async function askSuspect({
  suspect,
  triggers,
  decoys,
  random,
  onProgress,
  signal,
}: {
  suspect: Suspect;
  triggers: readonly Image[];
  decoys: readonly Decoy[];
  random: RandomBytes;
  /** Called with the number of answers so far and the number of questions. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}): Promise<{ answers: Answer[]; decoyReport: DecoyReport }> {
  const images = [...triggers, ...decoys.map(({ image }) => image)];
  const order = new SeededStream('veilmark/query-order/1', [random(32)]).permutation(images.length);
  const answers = new Array<Answer>(images.length).fill({ refused: 'suspect.unasked' });
  let dead = 0;
  let last: Answer = { refused: 'suspect.unasked' };
  for (let start = 0; start < order.length; start += chunkSize) {
    signal?.throwIfAborted();
    const places = order.slice(start, start + chunkSize);
    const chunk = places.flatMap((place) => images[place] ?? []);
    const replies = dead < patience ? await suspect.classify(chunk, signal) : chunk.map(() => last);
    places.forEach((place, i) => {
      last = checkAnswer(replies[i], suspect.descriptor.classes);
      answers[place] = last;
    });
    dead = places.some((place) => 'label' in (answers[place] ?? {})) ? 0 : dead + 1;
    onProgress?.(Math.min(start + chunkSize, order.length), order.length);
  }
  return {
    answers: answers.slice(0, triggers.length),
    decoyReport: countDecoys(decoys, answers.slice(triggers.length)),
  };
}

function checkAnswer(answer: Answer | undefined, classes: number): Answer {
  if (answer === undefined) return { refused: 'suspect.missing' };
  if ('refused' in answer) return answer;
  const { label } = answer;
  const isClass = Number.isSafeInteger(label) && label >= 0 && label < classes;
  return isClass ? { label } : { refused: 'suspect.answer' };
}

function countDecoys(decoys: readonly Decoy[], answers: readonly Answer[]): DecoyReport {
  const report = { abstract: 0, ordinary: 0, ordinaryCorrect: 0, ordinaryLabelled: 0, refused: 0 };
  decoys.forEach((decoy, i) => {
    const answer = answers[i];
    report[decoy.kind]++;
    if (!answer || 'refused' in answer) report.refused++;
    if (decoy.kind === 'abstract' || decoy.label === undefined) return;
    report.ordinaryLabelled++;
    if (answer && 'label' in answer && answer.label === decoy.label) report.ordinaryCorrect++;
  });
  return report;
}
