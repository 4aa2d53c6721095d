import { InputError } from '../base/index.js';
import { SeededStream } from '../crypto/index.js';
import { type Augmentation, checkAugmentation } from './augment.js';
import type { ModelSpec, OptimizerSpec, Trainable } from './engine.js';
import { checkSchedule, type Schedule } from './schedule.js';

/** All that decides what training learns, besides the data, the triggers and the machine. */
export interface TrainOptions {
  /** Name of the recipe that these started from, for the manifest. */
  readonly preset?: string | undefined;
  readonly spec: ModelSpec;
  readonly optimizer: OptimizerSpec;
  readonly schedule: Schedule;
  readonly epochs: number;
  /** Task images in a batch. */
  readonly batchSize: number;
  /** Triggers appended to every batch, when there are triggers. */
  readonly triggersPerBatch: number;
  /** What happens to task images; nothing where it is not given. */
  readonly augmentation?: Augmentation | undefined;
  /** The part of each label's probability that is spread evenly over all classes (Szegedy et al. 2016, section 7); default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Default: all weights. */
  readonly trainable?: Trainable | undefined;
  /** Weights that are zero at the start stay zero. */
  readonly keepZeros?: boolean | undefined;
  /** Names the order of images and the first weights: the same seed gives the same model on the same backend. */
  readonly seed: string;
}

/** The options without the network and the seed. */
export type Recipe = Omit<TrainOptions, 'spec' | 'seed'>;

/**
 * The measured recipe for the small networks (docs/benchmarks.md): 20 epochs of Adam up to 5e-3, batches of 100 + 2. Ten
 * epochs up to 6e-3 learn the task as well but now and then leave two triggers of 120 behind.
 */
export const defaultRecipe = {
  optimizer: { kind: 'adam' },
  schedule: { kind: 'warmup', peak: 5e-3, fraction: 0.2 },
  epochs: 20,
  batchSize: 100,
  triggersPerBatch: 2,
} as const satisfies Recipe;

/** Refuses options that no training could use. Throws `InputError` `training.options` naming the option. */
export function checkOptions(options: TrainOptions): void {
  for (const field of ['epochs', 'batchSize', 'triggersPerBatch'] as const) {
    const value = options[field];
    if (!Number.isSafeInteger(value) || value < 1 || value > 1_000_000) {
      refuse(`${field} must be a whole number from 1 to 1000000, got ${value}`);
    }
  }
  if (options.seed.length > 200) refuse('the seed must have at most 200 characters');
  if (options.optimizer.kind === 'sgd') {
    const { momentum, weightDecay } = options.optimizer;
    if (!(momentum >= 0 && momentum < 1)) refuse(`momentum must be in [0, 1), got ${momentum}`);
    if (!(weightDecay >= 0 && weightDecay < 1)) {
      refuse(`weight decay must be in [0, 1), got ${weightDecay}`);
    }
  }
  const { labelSmoothing = 0, augmentation } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    refuse(`label smoothing must be in [0, 1), got ${labelSmoothing}`);
  }
  if (augmentation) checkAugmentation(augmentation, options.spec.shape);
  checkSchedule(options.schedule);
  checkSpec(options.spec);
}

/** Refuses a preprocessing that does not fit the channels. Throws `InputError` `training.options`. */
export function checkSpec({ shape, preprocessing }: ModelSpec): void {
  const { mean, std } = preprocessing;
  const numbers = mean.length === shape.channels && mean.every(Number.isFinite);
  const positive = std.length === shape.channels && std.every((s) => s > 0 && s < Infinity);
  if (!numbers || !positive) {
    refuse(`preprocessing needs a mean and a standard deviation above 0 for each channel`);
  }
}

/** The seed of a network's first weights for a run's seed: an integer below 2^31. */
export function initializerSeed(seed: string): number {
  return new SeededStream('veilmark/initial-weights/1', [seed]).below(2 ** 31);
}

function refuse(message: string): never {
  throw new InputError({
    code: 'training.options',
    message,
    hint: 'give another value; the --help of the command says what is usual',
  });
}
