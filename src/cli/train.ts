import { basename, dirname, join, resolve } from 'node:path';

import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from 'yargs';

import type { Shape } from '../base/index.js';
import type { HiddenTriggers } from '../commitment/index.js';
import { type Fit, mustBeWritable, mustNotExist } from '../files/index.js';
import type { BackendChoice } from '../training/backend.js';
import { openPictures, type PictureSource } from '../training/data/index.js';
import { fraction } from '../training/evaluate.js';
import type { Dataset } from '../training/dataset.js';
import { checkModelFits, loadModelFolder } from '../training/loaded-model.js';
import { loadImages } from './images.js';
import { note, percent } from './terminal.js';
import {
  checkWorkers,
  defaultArchitecture,
  optionalShape,
  specFor,
  trainOptions,
} from './train-options.js';
import { preprocessingOf, presetOf, type RecipeArguments, recipeOf } from './train-recipe.js';
import { runTraining } from './training-run.js';

const examples = `Examples:
  $0 train clean --architecture cnn-small
  $0 train clean --recipe adi-cifar10 --data cifar10:DIR --backend webgpu
  $0 train clean --model theirs --data folder:DIR --shape 64x64x3 --normalise data`;

export function addTrain(program: Argv): Argv {
  return program.command(
    'train <folder>',
    'Train a model without a mark: a base for --from, or one to compare with',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'New model folder' })
        .options(trainOptions)
        .epilogue(examples),
    async (args) => {
      await mustNotExist(args.folder);
      await mustBeWritable(args.folder);
      await trainModel(args);
    },
  );
}

type TrainArguments = ArgumentsCamelCase<InferredOptionTypes<typeof trainOptions>> & {
  folder: string;
};

/** The arguments that say what to train on and how, without those that say where it goes. */
export interface CourseArguments extends RecipeArguments {
  readonly data: string;
  readonly shape?: string | undefined;
  readonly fit: Fit;
  readonly stream: boolean;
  readonly backend: BackendChoice;
  readonly workers: number;
  readonly architecture?: string | undefined;
  readonly model?: string | undefined;
  readonly normalise?: string | undefined;
}

/** Trains a model from the options, with or without hidden triggers, and says how good it is. */
export async function trainModel(
  args: TrainArguments & { triggersPerBatch?: number | undefined },
  triggers?: HiddenTriggers,
): Promise<void> {
  const { recipe, task, test, spec, weights } = await loadCourse(args, triggers?.shape);
  const folder = resolve(args.folder);
  const path = args.checkpoint ?? join(dirname(folder), `${basename(folder)}.checkpoint`);
  const result = await runTraining({
    title: triggers ? 'embed' : 'train',
    folder: args.folder,
    task,
    test,
    options: { ...recipe, spec, seed: args.seed },
    backend: args.backend,
    workers: args.workers,
    triggers,
    base: weights,
    checkpoint: { path, resume: args.resume },
  });
  const marks = result.triggers ? `, hidden triggers ${percent(fraction(result.triggers))}` : '';
  note(`wrote ${args.folder}/: test accuracy ${percent(fraction(result.test))}${marks}`);
}

/** Everything a training run of these options needs: recipe, images, network, and the weights of `--from`. */
export async function loadCourse(args: CourseArguments, triggerShape?: Shape) {
  checkWorkers(args);
  const recipe = recipeOf(args);
  const preset = presetOf(args);
  const shape = triggerShape ?? optionalShape(args.shape ?? preset?.shape);
  const form = { shape, fit: args.fit };
  const task = args.stream
    ? await openPictures(args.data, { ...form, split: 'train' })
    : await loadImages(args.data, { ...form, split: 'train' });
  const test = await loadImages(args.data, { ...form, split: 'test' });
  return { recipe, task, test, ...(await startingPoint(args, task)) };
}

/** A fresh network, or the one of `--model` or `--from`, the latter with its weights. */
export async function startingPoint(args: CourseArguments, task: Dataset | PictureSource) {
  const preset = presetOf(args);
  const preprocessing = preprocessingOf({ normalise: args.normalise, preset }, task);
  const folder = args.from ?? args.model;
  if (folder === undefined) {
    const architecture = args.architecture ?? preset?.architecture ?? defaultArchitecture;
    return { spec: specFor(architecture, task, preprocessing), weights: undefined };
  }
  const model = await loadModelFolder(folder, { backend: args.backend, preprocessing });
  try {
    checkModelFits(model, {
      what: 'the data',
      shape: task.shape,
      classes: task.classNames.length,
    });
    if (args.from !== undefined) return { spec: model.spec, weights: await model.weights() };
    const spec = preprocessing ? { ...model.spec, preprocessing } : model.spec;
    return { spec, weights: undefined };
  } finally {
    model.dispose();
  }
}
