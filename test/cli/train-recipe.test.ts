import { expect } from 'chai';

import {
  preprocessingOf,
  presetOf,
  type RecipeArguments,
  recipeOf,
} from '../../src/cli/train-recipe.js';
import { checkOptions, defaultRecipe, type Recipe } from '../../src/training/options.js';
import { paperAugmentation } from '../../src/training/augment.js';
import type { PictureSource } from '../../src/training/data/index.js';
import { knownPreprocessing, presetNames } from '../../src/training/presets.js';
import { coded } from '../coded.js';
import { dataset, options } from '../training/fixtures.js';

const paper: Recipe = {
  preset: 'adi-cifar10',
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'steps', rate: 0.1, factor: 0.1, every: 20 },
  epochs: 60,
  batchSize: 100,
  triggersPerBatch: 2,
  augmentation: paperAugmentation,
  labelSmoothing: 0,
};

describe('cli/train-recipe', () => {
  it('is the default recipe where nothing is said', () => {
    expect(recipeOf({})).to.deep.equal({
      ...defaultRecipe,
      ...{ preset: undefined, augmentation: undefined, labelSmoothing: 0 },
    });
  });

  it('is the paper’s, from scratch or from a model, and a tenth of it', () => {
    const recipe = 'adi-cifar10';
    expect(recipeOf({ recipe })).to.deep.equal(paper);
    expect(recipeOf({ recipe, quick: true })).to.deep.equal({
      ...paper,
      preset: 'adi-cifar10 quick',
      epochs: 6,
      schedule: { ...paper.schedule, every: 2 },
    });
    const pretrained = { ...paper, preset: 'adi-cifar10 pretrained', epochs: 20 };
    const schedule = { kind: 'steps', rate: 0.01, factor: 0.1, every: 10 };
    expect(recipeOf({ recipe, from: 'base' })).to.deep.equal({ ...pretrained, schedule });
    expect(recipeOf({ recipe, from: 'base', quick: true })).to.deep.equal({
      ...pretrained,
      ...{ preset: 'adi-cifar10 quick pretrained', epochs: 2 },
      schedule: { ...schedule, every: 1 },
    });
    for (const name of presetNames) {
      for (const quick of [false, true]) {
        for (const from of [undefined, 'base']) {
          checkOptions({
            ...options,
            ...recipeOf({ recipe: name, quick, from }),
          });
          const preset = presetOf({ recipe: name, quick, from })!;
          expect(preset.architecture).to.equal(quick ? 'resnet20' : 'resnet18');
        }
      }
    }
  });

  const overrides: [RecipeArguments, Partial<Recipe>][] = [
    [{ epochs: 7 }, { epochs: 7 }],
    [{ batch: 32 }, { batchSize: 32 }],
    [{ triggersPerBatch: 5 }, { triggersPerBatch: 5 }],
    [{ momentum: 0 }, { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 5e-4 } }],
    [{ weightDecay: 0 }, { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 } }],
    [{ rate: 0.3 }, { schedule: { kind: 'steps', rate: 0.3, factor: 0.1, every: 20 } }],
    [{ stepEvery: 3 }, { schedule: { kind: 'steps', rate: 0.1, factor: 0.1, every: 3 } }],
    [{ stepFactor: 0.5 }, { schedule: { kind: 'steps', rate: 0.1, factor: 0.5, every: 20 } }],
    [{ schedule: 'constant' }, { schedule: { kind: 'constant', rate: 0.1 } }],
    [{ schedule: 'warmup' }, { schedule: { kind: 'warmup', peak: 0.1, fraction: 0.2 } }],
    [
      { optimizer: 'adam' },
      {
        optimizer: { kind: 'adam' },
        schedule: { kind: 'steps', rate: 0.005, factor: 0.1, every: 20 },
      },
    ],
    [{ flip: false }, { augmentation: { pad: 4, flip: false } }],
    [{ cropPadding: 0 }, { augmentation: { pad: 0, flip: true } }],
    [{ cropPadding: 0, flip: false }, { augmentation: undefined }],
    [{ labelSmoothing: 0.1 }, { labelSmoothing: 0.1 }],
  ];
  it('changes by each option, and by nothing else', () => {
    for (const [args, changes] of overrides) {
      expect(recipeOf({ ...args, recipe: 'adi-cifar10' })).to.deep.equal({ ...paper, ...changes });
    }
    expect(recipeOf({ optimizer: 'sgd' })).to.deep.include({
      optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
      schedule: { kind: 'warmup', peak: 0.1, fraction: 0.2 },
    });
    expect(recipeOf({ flip: true }).augmentation).to.deep.equal({ pad: 0, flip: true });
  });

  const grey = dataset(8, 'grey');
  const colour = {
    ...grey,
    shape: { height: 6, width: 6, channels: 3 },
    pixels: new Uint8Array(8 * 108).map((_, i) => [0, 51, i % 2 ? 0 : 255][i % 3]!),
  };

  it('normalises as is asked, by the recipe’s constants, or not at all', () => {
    const preset = presetOf({ recipe: 'adi-cifar10' });
    expect(preprocessingOf({}, grey)).to.equal(undefined);
    expect(preprocessingOf({ preset }, colour)).to.equal(knownPreprocessing.cifar10);
    expect(preprocessingOf({ preset, normalise: 'none' }, colour)).to.equal(undefined);
    expect(preprocessingOf({ normalise: 'imagenet' }, colour)!.mean[0]).to.equal(0.485);
    expect(preprocessingOf({ normalise: 'data' }, colour)).to.deep.equal({
      mean: [0, 0.2, 0.5],
      std: [1, 1, 0.5],
    });
    const own = preprocessingOf({ normalise: '0.5,-1,0/0.1, 2,3e-1' }, colour);
    expect(own).to.deep.equal({ mean: [0.5, -1, 0], std: [0.1, 2, 0.3] });
  });

  it('refuses what says no normalisation of these images', async () => {
    const preset = presetOf({ recipe: 'adi-cifar10' });
    await coded('usage.normalise', () => preprocessingOf({ preset }, grey));
    for (const normalise of [
      ...['cifar', 'constructor', 'toString', '0.5', '/', '0.5/0', '0.5/-1', '0.5/NaN', '0.5/'],
      ...['0.5/0.1/0.1', '0.5,0.5/0.1', '0.5,/0.1,0.1', 'Infinity/1', '0.5,0.5/0.1,0.1'],
    ]) {
      const error = await coded('usage.normalise', () => preprocessingOf({ normalise }, grey));
      expect(error.hint).to.be.a('string');
    }
    const { shape, classNames, labels } = colour;
    const source = { shape, classNames, labels, count: 8 } as PictureSource;
    const streaming = await coded('usage.normalise', () =>
      preprocessingOf({ normalise: 'data' }, source),
    );
    expect(streaming.message).to.include('--stream');
  });
});
