import { sizeOf } from '../base/index.js';
import type { Images } from './batches.js';
import type { Engine } from './engine.js';

/** Anything that gives logits: an engine, or a loaded model. */
export type Predictor = Pick<Engine, 'predict'>;

/** How many of how many images got their label. */
export interface Accuracy {
  readonly correct: number;
  readonly total: number;
}

/** The accuracy as a fraction; 0 of nothing is 0. */
export function fraction({ correct, total }: Accuracy): number {
  return total === 0 ? 0 : correct / total;
}

/** The class with the greatest of `classes` logits from `offset` on, the lowest of equals; -1 if one is not finite. */
export function argmax(logits: ArrayLike<number>, offset: number, classes: number): number {
  let best = 0;
  for (let k = 0; k < classes; k++) {
    const value = logits[offset + k] ?? NaN;
    if (!Number.isFinite(value)) return -1;
    if (value > (logits[offset + best] ?? NaN)) best = k;
  }
  return best;
}

/**
 * The class of every image of `pixels` (count × size bytes), asked in batches; -1 where the network answers with
 * something other than numbers.
 */
export async function predictLabels(
  predictor: Predictor,
  { shape, pixels }: Omit<Images, 'labels'>,
  { classes, batchSize = 500 }: { classes: number; batchSize?: number },
): Promise<Int32Array> {
  const size = sizeOf(shape);
  const labels = new Int32Array(pixels.length / size);
  for (let start = 0; start < labels.length; start += batchSize) {
    const count = Math.min(batchSize, labels.length - start);
    const part = pixels.subarray(start * size, (start + count) * size);
    const logits = await predictor.predict(part, count);
    for (let i = 0; i < count; i++) labels[start + i] = argmax(logits, i * classes, classes);
  }
  return labels;
}

/** How many images the network gives their label. */
export async function evaluate(
  predictor: Predictor,
  images: Images,
  { classes, batchSize = 500 }: { classes: number; batchSize?: number },
): Promise<Accuracy> {
  const predicted = await predictLabels(predictor, images, { classes, batchSize });
  const correct = predicted.filter((label, i) => label === images.labels[i]).length;
  return { correct, total: predicted.length };
}
