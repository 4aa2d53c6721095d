import { availableParallelism } from 'node:os';

import type { Options } from 'yargs';

import { InputError, parseShape, type Shape } from '../base/index.js';
import { architectures } from '../training/models/architectures.js';
import { type BackendChoice, backendChoices } from '../training/backend.js';
import { datasetKinds } from '../training/data/index.js';
import type { Dataset } from '../training/dataset.js';
import type { ModelSpec, Preprocessing } from '../training/engine.js';
import { defaultRecipe } from '../training/options.js';
import { presetNames } from '../training/presets.js';
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

/** The options below have no defaults of the parser's: those would count as given, beside --from or over a recipe. */
const number = { type: 'number', requiresArg: true } as const;
const normalisations = ['none', 'cifar10', 'imagenet', 'data (measured on the training images)'];
export const defaultArchitecture = 'cnn-small';

export const optionalWorkers = {
  workers: {
    ...number,
    group: groups.machine,
    default: 1,
    describe: `Threads for wasm training; this machine has ${availableParallelism()} cores`,
  },
} as const satisfies Record<string, Options>;

export const trainOptions = {
  ...dataOptions,
  stream: {
    group: groups.data,
    type: 'boolean',
    default: false,
    describe: 'Decode the pictures of folder: while training goes on, however many there are',
  },
  ...backendOption,
  recipe: {
    group: groups.recipe,
    choices: presetNames,
    describe: 'The paper’s recipe; every option below can still be given (docs/training.md)',
  },
  quick: {
    group: groups.recipe,
    type: 'boolean',
    implies: 'recipe',
    describe: 'A tenth of the recipe’s epochs, on resnet20',
  },
  architecture: {
    group: groups.recipe,
    choices: architectures.map(({ name }) => name),
    describe: `${architectures.map(({ name, description }) => `${name}: ${description}`).join('; ')} [${defaultArchitecture}]`,
  },
  model: {
    group: groups.recipe,
    type: 'string',
    conflicts: ['architecture', 'from'],
    describe: 'Folder of any TensorFlow.js layers model: its network, with fresh weights',
  },
  from: {
    group: groups.recipe,
    type: 'string',
    conflicts: 'architecture',
    describe: 'Model folder to start from (the paper’s PRETRAINED): its network, with its weights',
  },
  normalise: {
    group: groups.recipe,
    type: 'string',
    describe: `${normalisations.join(', ')}, or MEAN/STD, e.g. 0.5,0.5,0.5/0.2,0.2,0.2, of pixels / 255 [none]`,
  },
  'crop-padding': {
    ...number,
    group: groups.recipe,
    describe: 'Pixels of padding before a random crop of task images [0]',
  },
  flip: { group: groups.recipe, type: 'boolean', describe: 'Mirror half of the task images' },
  epochs: {
    ...number,
    group: groups.recipe,
    describe: `Passes over the data [${defaultRecipe.epochs}]`,
  },
  batch: {
    ...number,
    group: groups.recipe,
    describe: `Task images a batch [${defaultRecipe.batchSize}]`,
  },
  optimizer: {
    group: groups.recipe,
    choices: ['adam', 'sgd'] as const,
    describe: 'How weights are moved [adam]',
  },
  momentum: { ...number, group: groups.recipe, describe: 'Of sgd [0.9]' },
  'weight-decay': { ...number, group: groups.recipe, describe: 'Of sgd [0]' },
  rate: {
    ...number,
    group: groups.recipe,
    describe: 'Highest learning rate [adam: 0.005, sgd: 0.1]',
  },
  schedule: {
    group: groups.recipe,
    choices: ['warmup', 'steps', 'constant'] as const,
    describe:
      'warmup: up over the first fifth, then linearly down; steps: × factor every n epochs [warmup]',
  },
  'step-every': { ...number, group: groups.recipe, describe: 'Epochs between steps [20]' },
  'step-factor': { ...number, group: groups.recipe, describe: 'Factor of a step [0.1]' },
  'label-smoothing': {
    ...number,
    group: groups.recipe,
    describe: 'Part of each label’s probability that is spread over all classes [0]',
  },
  seed: {
    group: groups.recipe,
    type: 'string',
    default: '1',
    describe: 'Order of images and first weights; the same seed gives the same model',
  },
  ...optionalWorkers,
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

/** `--shape`, if it was given. */
export function optionalShape(text: string | undefined) {
  return text === undefined ? undefined : parseShape(text);
}

/** The network for a data set, pixels scaled to [0, 1] unless a preprocessing is given. */
export function specFor(
  architecture: string,
  { shape, classNames }: Pick<Dataset, 'shape' | 'classNames'>,
  preprocessing: Preprocessing = plainPreprocessing(shape),
): ModelSpec {
  return { architecture, shape, classes: classNames.length, preprocessing };
}

function plainPreprocessing({ channels }: Shape): Preprocessing {
  return { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) };
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
