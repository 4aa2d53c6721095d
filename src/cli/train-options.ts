import { availableParallelism } from 'node:os';

import type { Options } from 'yargs';

import { InputError, parseShape } from '../base/index.js';
import { architectures } from '../training/architectures.js';
import { type BackendChoice, backendChoices } from '../training/backend.js';
import type { Dataset } from '../training/dataset.js';
import type { ModelSpec, OptimizerSpec } from '../training/engine.js';
import { defaultRecipe, type Recipe } from '../training/options.js';
import type { Schedule } from '../training/schedule.js';

/** Options that say what to train on, how, and where. */
export const dataOptions = {
  data: {
    type: 'string',
    default: 'fashion-mnist',
    describe: 'fashion-mnist (ships), idx:DIR, or folder:DIR of pictures by class',
  },
  shape: { type: 'string', describe: 'Shape for folder:DIR, e.g. 32x32x3' },
  fit: {
    choices: ['resize', 'crop', 'exact'] as const,
    default: 'crop' as const,
    describe: 'How pictures of another size are brought to the shape',
  },
} as const satisfies Record<string, Options>;

export const backendOption = {
  backend: {
    choices: backendChoices,
    default: 'auto' as BackendChoice,
    describe: 'What computes; auto takes CUDA, native, WebGPU or wasm, whichever is there first',
  },
} as const satisfies Record<string, Options>;

export const trainOptions = {
  ...dataOptions,
  ...backendOption,
  architecture: {
    choices: architectures.map(({ name }) => name),
    default: 'cnn-small',
    describe: architectures.map(({ name, description }) => `${name}: ${description}`).join('; '),
  },
  from: { type: 'string', describe: 'Model folder to start from (the paper’s PRETRAINED)' },
  epochs: { type: 'number', default: defaultRecipe.epochs, describe: 'Passes over the data' },
  batch: { type: 'number', default: defaultRecipe.batchSize, describe: 'Task images a batch' },
  optimizer: { choices: ['adam', 'sgd'] as const, default: 'adam' as const },
  momentum: { type: 'number', default: 0.9, describe: 'Of sgd' },
  'weight-decay': { type: 'number', default: 0, describe: 'Of sgd' },
  rate: { type: 'number', describe: 'Highest learning rate [adam: 0.006, sgd: 0.1]' },
  schedule: {
    choices: ['warmup', 'steps', 'constant'] as const,
    default: 'warmup' as const,
    describe: 'warmup: up over the first fifth, then linearly down; steps: × factor every n epochs',
  },
  'step-every': { type: 'number', default: 20, describe: 'Epochs between steps' },
  'step-factor': { type: 'number', default: 0.1, describe: 'Factor of a step' },
  seed: {
    type: 'string',
    default: '1',
    describe: 'Order of images and first weights; the same seed gives the same model',
  },
  workers: {
    type: 'number',
    default: 1,
    describe: `Threads for wasm training; this machine has ${availableParallelism()} cores`,
  },
  checkpoint: {
    type: 'string',
    describe: 'Checkpoint file [the output folder’s name .checkpoint]',
  },
  resume: { type: 'boolean', default: false, describe: 'Go on from the checkpoint' },
} as const satisfies Record<string, Options>;

export interface RecipeArguments {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: 'adam' | 'sgd';
  readonly momentum: number;
  readonly weightDecay: number;
  readonly rate?: number | undefined;
  readonly schedule: 'warmup' | 'steps' | 'constant';
  readonly stepEvery: number;
  readonly stepFactor: number;
}

/** The recipe that the options describe. */
export function recipeOf(args: RecipeArguments, triggersPerBatch: number): Recipe {
  const { momentum, weightDecay } = args;
  const rate = args.rate ?? (args.optimizer === 'adam' ? defaultRecipe.schedule.peak : 0.1);
  const optimizer: OptimizerSpec =
    args.optimizer === 'adam' ? { kind: 'adam' } : { kind: 'sgd', momentum, weightDecay };
  const schedules = {
    warmup: { kind: 'warmup', peak: rate, fraction: defaultRecipe.schedule.fraction },
    steps: { kind: 'steps', rate, factor: args.stepFactor, every: args.stepEvery },
    constant: { kind: 'constant', rate },
  } as const satisfies Record<string, Schedule>;
  return {
    optimizer,
    schedule: schedules[args.schedule],
    epochs: args.epochs,
    batchSize: args.batch,
    triggersPerBatch,
  };
}

/** The network for a data set, pixels scaled to [0, 1]. */
export function specFor(architecture: string, { shape, classNames }: Dataset): ModelSpec {
  return {
    architecture,
    shape,
    classes: classNames.length,
    preprocessing: {
      mean: new Array<number>(shape.channels).fill(0),
      std: new Array<number>(shape.channels).fill(1),
    },
  };
}

/** `--shape`, if it was given. */
export function optionalShape(text: string | undefined) {
  return text === undefined ? undefined : parseShape(text);
}

/** Refuses workers on another backend. Throws `InputError` `usage.workers`. */
export function checkWorkers({ workers, backend }: { workers: number; backend: BackendChoice }) {
  if (workers > 1 && backend !== 'wasm' && backend !== 'auto') {
    throw new InputError({
      code: 'usage.workers',
      message: `several workers train on wasm only, not on ${backend}`,
      hint: 'leave out --workers or --backend',
    });
  }
}
