import { sizeOf } from '../base/index.js';
import { SeededStream } from '../crypto/index.js';
import type { Dataset } from './dataset.js';
import type { Batch } from './engine.js';

/** Labelled images: a data set or a set of triggers. */
export type Images = Pick<Dataset, 'shape' | 'pixels' | 'labels'>;

export interface BatchPlan {
  readonly task: Images;
  /** Appended to every batch; none for an unmarked model. */
  readonly triggers?: Images | undefined;
  /** Task images in a batch; the last batch of an epoch holds what is left. */
  readonly batchSize: number;
  /** Triggers appended to every batch of task images (the paper: 2 to 100). */
  readonly triggersPerBatch: number;
  readonly seed: string;
}

/** A batch of which the first `taskCount` images are of the task and the others are triggers. */
export interface MixedBatch extends Batch {
  readonly taskCount: number;
}

/** Number of batches in an epoch over `count` task images. */
export function stepsPerEpoch(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/**
 * The batches of one epoch (counted from 0): every task image once, in an order seeded by (seed, epoch); behind each
 * batch the next `triggersPerBatch` triggers of an endless sequence of seeded rounds, each of which shows every trigger
 * once. A pure function of its arguments, so that training resumes exactly.
 */
export function* epochBatches(plan: BatchPlan, epoch: number): Generator<MixedBatch> {
  const { task, triggers, batchSize, seed } = plan;
  const stream = new SeededStream('veilmark/task-order/1', [seed, epoch]);
  const order = stream.permutation(task.labels.length);
  const steps = stepsPerEpoch(order.length, batchSize);
  const perBatch = triggers === undefined ? 0 : plan.triggersPerBatch;
  const nextTrigger = triggerSequence(triggers?.labels.length ?? 0, seed, epoch * steps * perBatch);
  for (let step = 0; step < steps; step++) {
    const chosen = order.slice(step * batchSize, (step + 1) * batchSize);
    const count = chosen.length + perBatch;
    const pixels = new Uint8Array(count * sizeOf(task.shape));
    const labels = new Int32Array(count);
    chosen.forEach((index, at) => {
      copyImage({ from: task, index, pixels, labels, at });
    });
    if (triggers !== undefined) {
      for (let at = chosen.length; at < count; at++) {
        copyImage({ from: triggers, index: nextTrigger(), pixels, labels, at });
      }
    }
    yield { pixels, labels, count, taskCount: chosen.length };
  }
}

/** Indices of triggers from position `start` of the endless sequence on. */
function triggerSequence(count: number, seed: string, start: number): () => number {
  let position = start;
  let round = -1;
  let order: readonly number[] = [];
  return () => {
    const wanted = Math.floor(position / count);
    if (wanted !== round) {
      round = wanted;
      order = new SeededStream('veilmark/trigger-order/1', [seed, round]).permutation(count);
    }
    return order[position++ % count] ?? 0;
  };
}

function copyImage({
  from,
  index,
  pixels,
  labels,
  at,
}: {
  from: Images;
  index: number;
  pixels: Uint8Array;
  labels: Int32Array;
  at: number;
}): void {
  const size = sizeOf(from.shape);
  pixels.set(from.pixels.subarray(index * size, (index + 1) * size), at * size);
  labels[at] = from.labels[index] ?? 0;
}
