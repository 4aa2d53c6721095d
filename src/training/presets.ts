import { paperAugmentation } from './augment.js';
import type { Preprocessing } from './engine.js';
import type { Recipe } from './options.js';

/** Means and standard deviations that networks are commonly trained with, of pixels / 255. */
export const knownPreprocessing = {
  none: undefined,
  /** The constants of the paper's code. */
  cifar10: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const satisfies Record<string, Preprocessing | undefined>;

/** A recipe by name: everything but the data and the seed. */
export interface Preset {
  readonly architecture: string;
  readonly normalise: keyof typeof knownPreprocessing;
  readonly shape: string;
  readonly recipe: Recipe;
}

export const presetNames = ['adi-cifar10', 'adi-cifar100', 'adi-imagenet'] as const;
export type PresetName = (typeof presetNames)[number];

/** What is asked of a preset. */
export interface PresetVariant {
  /** A tenth of the epochs, on a network of a fortieth of the weights: to try things out. */
  readonly quick: boolean;
  /** PRETRAINED, a further 20 epochs on a trained model, instead of FROMSCRATCH. */
  readonly pretrained: boolean;
}

/**
 * The paper's recipes (section 5.2 and the authors' code): batches of 100 + 2, SGD 0.1 with momentum 0.9 and weight decay
 * 5e-4, ×0.1 every 20 epochs, 60 epochs; crop with padding 4 and mirror. The paper gives no rate for PRETRAINED: here it is
 * 0.01 for ten epochs and 0.001 for ten more. For ImageNet it gives no more than the network; the rest is as for CIFAR.
 */
export function presetFor(name: PresetName, { quick, pretrained }: PresetVariant): Preset {
  const scale = quick ? 10 : 1;
  const [epochs, every, rate] = pretrained ? [20, 10, 0.01] : [60, 20, 0.1];
  const isImageNet = name === 'adi-imagenet';
  return {
    architecture: quick ? 'resnet20' : 'resnet18',
    normalise: isImageNet ? 'imagenet' : 'cifar10',
    shape: isImageNet ? '224x224x3' : '32x32x3',
    recipe: {
      preset: `${name}${quick ? ' quick' : ''}${pretrained ? ' pretrained' : ''}`,
      optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
      schedule: { kind: 'steps', rate, factor: 0.1, every: every / scale },
      epochs: epochs / scale,
      batchSize: 100,
      triggersPerBatch: 2,
      augmentation: paperAugmentation,
    },
  };
}
