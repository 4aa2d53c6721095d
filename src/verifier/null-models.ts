import { type Image, InputError } from '../base/index.js';
import type { NullResult, Suspect } from '../protocol/index.js';

/** A model that the judge trained on the task itself, so that it knows nothing of the mark. */
export interface NullModel {
  /** Names it, in hexadecimal (32 bytes). */
  readonly digest: string;
  /** For each of its classes the committed label it stands for, or −1. */
  readonly labelMap: readonly number[];
  /** Reads it; it is closed again before the next one is opened. */
  open(): Promise<Pick<Suspect, 'classify' | 'close'>>;
}

/** What null models are asked about: opened triggers with their committed labels. */
export interface NullQuestions {
  readonly triggers: readonly Image[];
  readonly labels: readonly number[];
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The order in which a session names null models. */
export function inOrder(models: readonly NullModel[]): NullModel[] {
  return [...models].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/**
 * Asks one null model after another about the triggers of a batch. They are in the judge's own hands, so that nothing leaks and no decoys are
 * needed. Throws `InputError` `nulls.refused` for a model that gives no answer: it would count as one that does not match.
 */
export async function askNullModels(
  models: readonly NullModel[],
  { triggers, labels, onProgress, signal }: NullQuestions,
): Promise<NullResult[]> {
  const results: NullResult[] = [];
  for (const model of inOrder(models)) {
    signal?.throwIfAborted();
    const answers = await answersOf(model, triggers, signal);
    const matches = labels.filter((label, i) => answers[i] === label).length;
    results.push({ matches, model: model.digest });
    onProgress?.(results.length, models.length);
  }
  return results;
}

/** The committed labels that a model's answers stand for, −1 for none. Throws `InputError` `nulls.refused`. */
export async function answersOf(
  nullModel: NullModel,
  images: readonly Image[],
  signal?: AbortSignal,
): Promise<number[]> {
  const { digest, labelMap } = nullModel;
  const model = await nullModel.open();
  try {
    const answers = await model.classify(images, signal);
    return images.map((_, i) => {
      const answer = answers[i] ?? { refused: 'suspect.missing' };
      if ('label' in answer) return labelMap[answer.label] ?? -1;
      throw new InputError({
        code: 'nulls.refused',
        message: `the null model ${digest} gives no answer [${answer.refused}]`,
        hint: 'take it out of the null models, or train it anew',
      });
    });
  } finally {
    await model.close();
  }
}
