import { basename, dirname, join, resolve } from 'node:path';

import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from 'yargs';

import { InputError } from '../base/index.js';
import type { HiddenTriggers } from '../commitment/index.js';
import { mustBeWritable, mustNotExist } from '../files/index.js';
import { loadDataset } from '../training/data/index.js';
import { fraction } from '../training/evaluate.js';
import { checkModelFits, loadModelFolder } from '../training/loaded-model.js';
import { note, percent } from './terminal.js';
import {
  checkWorkers,
  defaultArchitecture,
  optionalShape,
  recipeOf,
  specFor,
  trainOptions,
} from './train-options.js';
import { runTraining } from './training-run.js';

export function addTrain(program: Argv): Argv {
  return program.command(
    'train <folder>',
    'Train a model without a mark: a base for --from, or one to compare with',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'New model folder' })
        .options(trainOptions)
        .epilogue('Example:\n  $0 train clean --architecture cnn-small'),
    async (args) => {
      await mustNotExist(args.folder);
      await mustBeWritable(args.folder);
      await trainModel(args, { triggersPerBatch: 1 });
    },
  );
}

type TrainArguments = ArgumentsCamelCase<InferredOptionTypes<typeof trainOptions>> & {
  folder: string;
};

/** Trains a model from the options, with or without hidden triggers, and says how good it is. */
export async function trainModel(
  args: TrainArguments,
  { triggers, triggersPerBatch }: { triggers?: HiddenTriggers; triggersPerBatch: number },
): Promise<void> {
  checkWorkers(args);
  const shape = triggers?.shape ?? optionalShape(args.shape);
  const load = (split: 'train' | 'test') => loadDataset(args.data, { split, shape, fit: args.fit });
  const [task, test] = [await load('train'), await load('test')];
  const { spec, weights } = await startingPoint(args, task);
  const folder = resolve(args.folder);
  const path = args.checkpoint ?? join(dirname(folder), `${basename(folder)}.checkpoint`);
  const result = await runTraining({
    title: triggers ? 'embed' : 'train',
    folder: args.folder,
    task,
    test,
    options: { ...recipeOf(args, triggersPerBatch), spec, seed: args.seed },
    backend: args.backend,
    workers: args.workers,
    triggers,
    base: weights,
    checkpoint: { path, resume: args.resume },
  });
  const marks = result.triggers ? `, hidden triggers ${percent(fraction(result.triggers))}` : '';
  note(`wrote ${args.folder}/: test accuracy ${percent(fraction(result.test))}${marks}`);
}

/** A fresh network, or the one of `--from` with its weights. */
async function startingPoint(args: TrainArguments, task: Awaited<ReturnType<typeof loadDataset>>) {
  if (args.from === undefined) {
    return { spec: specFor(args.architecture ?? defaultArchitecture, task), weights: undefined };
  }
  const model = await loadModelFolder(args.from, { backend: args.backend });
  try {
    checkModelFits(model, {
      what: 'the data',
      shape: task.shape,
      classes: task.classNames.length,
    });
    if (model.manifest === undefined) {
      throw new InputError({
        code: 'model.architecture',
        message: `${args.from} was not made by veilmark, so its architecture is unknown`,
        hint: 'train the base model with `veilmark train`',
      });
    }
    return { spec: model.spec, weights: await model.weights() };
  } finally {
    model.dispose();
  }
}
