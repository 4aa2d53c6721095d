import { availableParallelism } from 'node:os';

import type { Options } from 'yargs';

import { InputError, parseShape } from '../base/index.js';
import { architectures } from '../training/architectures.js';
import { type BackendChoice, backendChoices } from '../training/backend.js';
import { datasetKinds } from '../training/data/index.js';
import type { Dataset } from '../training/dataset.js';
import type { ModelSpec, OptimizerSpec } from '../training/engine.js';
import { defaultRecipe, type Recipe } from '../training/options.js';
import type { Schedule } from '../training/schedule.js';
import { wholeNumber } from './arguments.js';

export const recipeGroup = 'The training:';
const groups = { data: 'The images:', recipe: recipeGroup, machine: 'The machine:' } as const;

/** Options that say what to train on, how, and where. */
export const dataOptions = {
  data: {
    group: groups.data,
    type: 'string',
    default: 'fashion-mnist',
    describe: `${datasetKinds}; fashion-mnist ships, folders hold train/CLASS/*.png and test/CLASS/*.png`,
  },
  shape: {
    group: groups.data,
    type: 'string',
    describe: 'Shape for folder: or stl10:, e.g. 32x32x3',
  },
  fit: {
    group: groups.data,
    choices: ['resize', 'crop', 'exact'] as const,
    default: 'crop' as const,
    describe: 'How pictures of another size are brought to the shape',
  },
} as const satisfies Record<string, Options>;

export const backendOption = {
  backend: {
    group: groups.machine,
    choices: backendChoices,
    default: 'auto' as BackendChoice,
    describe: 'What computes; auto takes CUDA, native, WebGPU or wasm, whichever is there first',
  },
} as const satisfies Record<string, Options>;

/** Not the parser's default: it would count as given beside --from. */
export const defaultArchitecture = 'cnn-small';

export const trainOptions = {
  ...dataOptions,
  ...backendOption,
  architecture: {
    group: groups.recipe,
    choices: architectures.map(({ name }) => name),
    describe: `${architectures.map(({ name, description }) => `${name}: ${description}`).join('; ')} [${defaultArchitecture}]`,
  },
  from: {
    group: groups.recipe,
    type: 'string',
    conflicts: 'architecture',
    describe: 'Model folder to start from (the paper’s PRETRAINED), with its architecture',
  },
  epochs: {
    type: 'number',
    requiresArg: true,
    group: groups.recipe,
    default: defaultRecipe.epochs,
    describe: 'Passes over the data',
  },
  batch: {
    type: 'number',
    requiresArg: true,
    group: groups.recipe,
    default: defaultRecipe.batchSize,
    describe: 'Task images a batch',
  },
  optimizer: {
    group: groups.recipe,
    choices: ['adam', 'sgd'] as const,
    default: 'adam' as const,
    describe: 'How weights are moved',
  },
  momentum: {
    type: 'number',
    requiresArg: true,
    group: groups.recipe,
    default: 0.9,
    describe: 'Of sgd',
  },
  'weight-decay': {
    type: 'number',
    requiresArg: true,
    group: groups.recipe,
    default: 0,
    describe: 'Of sgd',
  },
  rate: {
    type: 'number',
    requiresArg: true,
    group: groups.recipe,
    describe: 'Highest learning rate [adam: 0.005, sgd: 0.1]',
  },
  schedule: {
    group: groups.recipe,
    choices: ['warmup', 'steps', 'constant'] as const,
    default: 'warmup' as const,
    describe: 'warmup: up over the first fifth, then linearly down; steps: × factor every n epochs',
  },
  'step-every': {
    type: 'number',
    requiresArg: true,
    group: groups.recipe,
    default: 20,
    describe: 'Epochs between steps',
  },
  'step-factor': {
    type: 'number',
    requiresArg: true,
    group: groups.recipe,
    default: 0.1,
    describe: 'Factor of a step',
  },
  seed: {
    group: groups.recipe,
    type: 'string',
    default: '1',
    describe: 'Order of images and first weights; the same seed gives the same model',
  },
  workers: {
    type: 'number',
    requiresArg: true,
    group: groups.machine,
    default: 1,
    describe: `Threads for wasm training; this machine has ${availableParallelism()} cores`,
  },
  checkpoint: {
    group: groups.machine,
    type: 'string',
    describe: 'Checkpoint file [the output folder’s name .checkpoint]',
  },
  resume: {
    group: groups.machine,
    type: 'boolean',
    default: false,
    describe: 'Go on from the checkpoint',
  },
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
  wholeNumber('workers', workers, { least: 1, most: 64 });
  if (workers > 1 && backend !== 'wasm' && backend !== 'auto') {
    throw new InputError({
      code: 'usage.workers',
      message: `several workers train on wasm only, not on ${backend}`,
      hint: 'leave out --workers or --backend',
    });
  }
}
