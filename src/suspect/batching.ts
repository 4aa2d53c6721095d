import type { Image } from '../base/index.js';
import type { Answer } from '../protocol/index.js';
import type { Refusal } from './causes.js';

/** One answer an image, or why the whole batch failed. */
export type BatchAnswer = readonly Answer[] | Refusal;

/** After so many failed batches one after another the others are not asked any more. */
const patience = 3;

/**
 * Asks about images in batches, in order, one batch at a time. Never throws: a batch that fails is refused as a whole,
 * and an abort refuses what was not asked yet with `suspect.stopped`.
 */
export async function answerInBatches({
  images,
  signal,
  batchSize,
  ask,
}: {
  images: readonly Image[];
  signal?: AbortSignal | undefined;
  batchSize: number;
  ask: (batch: readonly Image[]) => Promise<BatchAnswer>;
}): Promise<Answer[]> {
  const answers: Answer[] = [];
  let failures: Refusal[] = [];
  for (let start = 0; start < images.length; start += batchSize) {
    const batch = images.slice(start, start + batchSize);
    const lost = failures.length < patience ? undefined : failures.at(-1);
    const answer: BatchAnswer =
      signal?.aborted === true ? 'suspect.stopped' : (lost ?? (await ask(batch)));
    if (typeof answer === 'string') {
      failures.push(answer);
      answers.push(...batch.map(() => ({ refused: answer })));
    } else {
      failures = [];
      answers.push(...answer);
    }
  }
  return answers;
}
