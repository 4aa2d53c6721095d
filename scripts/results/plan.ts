import {
  defaultRecipe,
  knownPreprocessing,
  type Preprocessing,
  presetFor,
  type Recipe,
} from '../../src/training/index.js';

/** What is measured, and on what: one budget fills one half of docs/results.md. */
export interface Budget {
  readonly name: 'cpu' | 'gpu';
  readonly title: string;
  readonly architecture: string;
  /** Where the data lie if no other place is named. */
  readonly data: string;
  readonly shape: string;
  readonly preprocessing: Preprocessing | undefined;
  readonly seeds: readonly string[];
  readonly recipe: Recipe;
  /** PRETRAINED: further training with triggers, from the unmarked model. */
  readonly pretrained: Recipe;
}

/** The three ways in which a model comes about. */
export const modelKinds = ['unmarked', 'scratch', 'pretrained'] as const;
export type ModelKind = (typeof modelKinds)[number];

/** Attacks on each marked model, with their usual options; the last ones on the one marked from scratch only. */
export const onBoth = ['ftll', 'ftal', 'rtll', 'rtal', 'prune'] as const;
export const onScratch = ['overwrite', 'quantise', 'transfer'] as const;

const seeds = ['1', '2', '3'];
const adam = { ...defaultRecipe, epochs: 10 } as const;

export const budgets: Readonly<Record<Budget['name'], Budget>> = {
  cpu: {
    name: 'cpu',
    title: 'Fashion-MNIST in full, `cnn`, processor',
    architecture: 'cnn',
    data: 'idx:/usr/share/datasets/fashion-mnist',
    shape: '28x28x1',
    preprocessing: undefined,
    seeds,
    recipe: adam,
    pretrained: { ...adam, schedule: { ...adam.schedule, peak: 2e-3 } },
  },
  gpu: {
    name: 'gpu',
    title: 'CIFAR-10, `resnet18`, graphics processor',
    architecture: 'resnet18',
    data: 'cifar10:data/cifar10',
    shape: '32x32x3',
    preprocessing: knownPreprocessing.cifar10,
    seeds,
    recipe: presetFor('adi-cifar10', { quick: false, pretrained: false }).recipe,
    pretrained: presetFor('adi-cifar10', { quick: false, pretrained: true }).recipe,
  },
};
