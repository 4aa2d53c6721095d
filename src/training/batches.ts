import { sizeOf } from '../base/index.js';
// Not from the room's index, so that a thread can do this (`startThread`).
import { SeededStream } from '../crypto/random.js';
import { augment, type Augmentation } from './augment.js';
import type { PictureSource } from './data/picture-source.js';
import type { Dataset } from './dataset.js';
import type { Batch } from './engine.js';

/** Labelled images: a data set or a set of triggers. */
export type Images = Pick<Dataset, 'shape' | 'pixels' | 'labels'>;

/** What to learn in place of the labels: probabilities, count × classes row-major. */
interface Targets {
  readonly targets?: Float32Array | undefined;
}

/** Labelled images that are in memory, or are decoded when their turn comes. */
export type TaskImages = (Images & Targets) | PictureSource;

export interface BatchPlan {
  readonly task: TaskImages;
  /** Appended to every batch; none for an unmarked model. */
  readonly triggers?: Images | undefined;
  /** Task images in a batch; the last batch of an epoch holds what is left. */
  readonly batchSize: number;
  /** Triggers appended to every batch of task images (the paper: 2 to 100). */
  readonly triggersPerBatch: number;
  /** Of task images; nothing where it is not given. */
  readonly augmentation?: Augmentation | undefined;
  readonly seed: string;
}

/** A batch of which the first `taskCount` images are of the task and the others are triggers. */
export interface MixedBatch extends Batch {
  readonly taskCount: number;
}

/** Which images make up one batch. */
interface BatchOrder {
  readonly epoch: number;
  readonly step: number;
  readonly task: readonly number[];
  readonly triggers: readonly number[];
}

/** Number of batches in an epoch over `count` task images. */
export function stepsPerEpoch(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/**
 * The batches of one epoch (counted from 0): every task image once, in an order seeded by (seed, epoch); behind each
 * batch the next `triggersPerBatch` triggers of an endless sequence of seeded rounds, each of which shows every trigger
 * once. What augmentation draws is seeded by (seed, epoch, step). A pure function of its arguments, so that training
 * resumes exactly. Throws what reading an image throws.
 */
export async function* epochBatches(plan: BatchPlan, epoch: number): AsyncGenerator<MixedBatch> {
  for (const order of epochOrder(plan, epoch)) yield assemble(plan, order);
}

function* epochOrder(plan: BatchPlan, epoch: number): Generator<BatchOrder> {
  const { task, triggers, batchSize, seed } = plan;
  const stream = new SeededStream('veilmark/task-order/1', [seed, epoch]);
  const order = stream.permutation(task.labels.length);
  const steps = stepsPerEpoch(order.length, batchSize);
  const perBatch = triggers === undefined ? 0 : plan.triggersPerBatch;
  const nextTrigger = triggerSequence(triggers?.labels.length ?? 0, seed, epoch * steps * perBatch);
  for (let step = 0; step < steps; step++) {
    yield {
      epoch,
      step,
      task: order.slice(step * batchSize, (step + 1) * batchSize),
      triggers: Array.from({ length: perBatch }, nextTrigger),
    };
  }
}

async function assemble(plan: BatchPlan, order: BatchOrder): Promise<MixedBatch> {
  const { task, triggers, augmentation, seed } = plan;
  const { epoch, step } = order;
  const size = sizeOf(task.shape);
  const taskCount = order.task.length;
  const count = taskCount + order.triggers.length;
  const pixels = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  const images = await Promise.all(order.task.map(async (index) => readImage(task, index)));
  const stream = new SeededStream('veilmark/augmentation/1', [seed, epoch, step]);
  images.forEach((from, at) => {
    const to = pixels.subarray(at * size, (at + 1) * size);
    if (augmentation) augment({ from, to, shape: task.shape, augmentation, stream });
    else to.set(from);
    labels[at] = task.labels[order.task[at] ?? 0] ?? 0;
  });
  order.triggers.forEach((index, i) => {
    if (triggers === undefined) return;
    const from = triggers.pixels.subarray(index * size, (index + 1) * size);
    pixels.set(from, (taskCount + i) * size);
    labels[taskCount + i] = triggers.labels[index] ?? 0;
  });
  const targets = 'targets' in task ? targetsOf(task, order.task, labels) : undefined;
  const noise = epoch * stepsPerEpoch(task.labels.length, plan.batchSize) + step;
  return { pixels, labels, count, taskCount, noise, targets };
}

/** The rows of the chosen images, then one for each trigger with all of it on the label. */
function targetsOf(
  { targets, labels: all }: TaskImages & Targets,
  chosen: readonly number[],
  labels: Int32Array,
): Float32Array | undefined {
  if (targets === undefined) return undefined;
  const classes = targets.length / all.length;
  const rows = new Float32Array(labels.length * classes);
  chosen.forEach((index, at) => {
    rows.set(targets.subarray(index * classes, (index + 1) * classes), at * classes);
  });
  for (let at = chosen.length; at < labels.length; at++) rows[at * classes + (labels[at] ?? 0)] = 1;
  return rows;
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

function readImage(task: TaskImages, index: number): Uint8Array | Promise<Uint8Array> {
  if ('read' in task) return task.read(index);
  const size = sizeOf(task.shape);
  return task.pixels.subarray(index * size, (index + 1) * size);
}
