import type { Opening } from '../commitment/index.js';
import { answersOf, type NullModel } from './null-models.js';

/** What a panel of models that know no mark says of one opened pair. */
export interface PanelRow {
  readonly opening: Opening;
  /** The committed label. */
  readonly label: number;
  /** The class that a person would give the image, by the owner's word; the number of classes for none. */
  readonly natural: number;
  /** For each committed class, how many models answer it. */
  readonly votes: readonly number[];
  /** Answers that stand for no committed class. */
  readonly others: number;
}

/**
 * Asks every model about opened pairs: one after another, each closed before the next. Throws `InputError` `nulls.refused` for a model that
 * gives no answer.
 */
export async function askPanel(
  models: readonly NullModel[],
  pairs: readonly { readonly opening: Opening; readonly label: number }[],
  {
    classes,
    onProgress,
    signal,
  }: {
    classes: number;
    onProgress?: ((done: number, total: number) => void) | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<PanelRow[]> {
  const images = pairs.map(({ opening }) => opening.image);
  const votes = pairs.map(() => new Array<number>(classes).fill(0));
  for (const [i, model] of models.entries()) {
    signal?.throwIfAborted();
    const answers = await answersOf(model, images, signal);
    votes.forEach((row, at) => {
      const answer = answers[at] ?? -1;
      if (answer >= 0) row[answer] = (row[answer] ?? 0) + 1;
    });
    onProgress?.(i + 1, models.length);
  }
  return pairs.map(({ opening, label }, at) => {
    const row = votes[at] ?? [];
    const said = row.reduce((sum, count) => sum + count, 0);
    return {
      opening,
      label,
      natural: opening.natural,
      votes: row,
      others: models.length - said,
    };
  });
}

/**
 * Whether more than half of the panel answers the committed label although the owner says that a person sees another class, or none. Now and
 * then that is chance; where it is common, the declared classes are wrong, or the images are made to mislead any model.
 */
export function isDoubtful({ label, natural, votes, others }: PanelRow): boolean {
  const models = votes.reduce((sum, count) => sum + count, others);
  return natural !== label && 2 * (votes[label] ?? 0) > models;
}
