import { InputError, sizeOf } from '../base/index.js';
import type { Batch, ModelSpec } from './engine.js';

/**
 * Throws `InputError` `engine.batch` unless the batch holds `count` images, as many labels below `classes`, and targets, if any,
 * of `classes` numbers an image.
 */
export function checkBatch(spec: ModelSpec, { pixels, labels, count, targets }: Batch): void {
  checkPixels(spec, pixels, count);
  if (targets !== undefined && targets.length !== count * spec.classes) {
    throw new InputError({
      code: 'engine.batch',
      message: `${count} images need ${count * spec.classes} targets, got ${targets.length}`,
    });
  }
  if (labels.length !== count || labels.some((label) => label < 0 || label >= spec.classes)) {
    throw new InputError({
      code: 'engine.batch',
      message: `expected ${count} labels from 0 to ${spec.classes - 1}`,
    });
  }
}

/** Throws `InputError` `engine.batch` unless `pixels` are `count` ≥ 1 images of the model's shape. */
export function checkPixels(spec: ModelSpec, pixels: Uint8Array, count: number): void {
  const length = count * sizeOf(spec.shape);
  if (!(count >= 1) || pixels.length !== length) {
    throw new InputError({
      code: 'engine.batch',
      message: `${count} images have ${length} bytes, got ${pixels.length}`,
    });
  }
}

/** For each row of `logits` (labels.length × classes) 1 if its largest logit, the first of equal ones, is the label's. */
export function classified(logits: Float32Array, labels: Int32Array): Uint8Array {
  const classes = logits.length / labels.length;
  return Uint8Array.from(labels, (label, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const wanted = scores[label] ?? NaN;
    return scores.every((score, k) => (k < label ? score < wanted : score <= wanted)) ? 1 : 0;
  });
}
