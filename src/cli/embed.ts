import { basename, dirname, join, resolve } from 'node:path';

import type { Argv, ArgumentsCamelCase, InferredOptionTypes } from 'yargs';

import { InputError } from '../base/index.js';
import { HiddenTriggers } from '../commitment/index.js';
import { mustNotExist } from '../files/index.js';
import { loadDataset } from '../training/data/index.js';
import { fraction } from '../training/evaluate.js';
import { checkModelFits, loadModelFolder } from '../training/loaded-model.js';
import { claimOptions, claimPaths, readCommitment } from './claim-folder.js';
import { passphraseOptions } from './passphrase.js';
import { readMark } from './secret-files.js';
import { note, percent } from './terminal.js';
import { checkWorkers, optionalShape, recipeOf, specFor, trainOptions } from './train-options.js';
import { runTraining } from './training-run.js';

const embedOptions = {
  ...trainOptions,
  ...claimOptions,
  ...passphraseOptions,
  'triggers-per-batch': {
    type: 'number',
    default: 2,
    describe: 'Triggers appended to every batch of task images',
  },
} as const;

type TrainArguments = ArgumentsCamelCase<InferredOptionTypes<typeof trainOptions>> & {
  folder: string;
};

export function addEmbed(program: Argv): Argv {
  return program
    .command(
      'embed <folder>',
      'Train a model with the hidden triggers of a claim in it',
      (yargs) =>
        yargs
          .positional('folder', {
            type: 'string',
            demandOption: true,
            describe: 'New model folder',
          })
          .options(embedOptions)
          .example('$0 embed model --claim claim', 'From scratch, on the data that ships')
          .example('$0 embed model --claim claim --from clean', 'Into a trained model'),
      async (args) => {
        const paths = claimPaths(args);
        await mustNotExist(args.folder);
        const commitment = await readCommitment(paths.commitment);
        const mark = await readMark(paths.mark, commitment, args);
        await trainModel(args, {
          triggers: HiddenTriggers.of(mark, commitment),
          triggersPerBatch: args.triggersPerBatch,
        });
      },
    )
    .command(
      'train <folder>',
      'Train a model without a mark: a base for --from, or one to compare with',
      (yargs) =>
        yargs
          .positional('folder', {
            type: 'string',
            demandOption: true,
            describe: 'New model folder',
          })
          .options(trainOptions),
      async (args) => {
        await mustNotExist(args.folder);
        await trainModel(args, { triggersPerBatch: 1 });
      },
    );
}

async function trainModel(
  args: TrainArguments,
  { triggers, triggersPerBatch }: { triggers?: HiddenTriggers; triggersPerBatch: number },
): Promise<void> {
  checkWorkers(args);
  const shape = triggers?.shape ?? optionalShape(args.shape);
  const [task, test] = await Promise.all(
    (['train', 'test'] as const).map((split) =>
      loadDataset(args.data, { split, shape, fit: args.fit }),
    ),
  );
  if (task === undefined || test === undefined) throw new Error('two data sets were loaded');
  const { spec, weights } = await startingPoint(args, task);
  const options = {
    ...recipeOf(args, triggersPerBatch),
    spec,
    seed: args.seed,
  };
  const folder = resolve(args.folder);
  const path = args.checkpoint ?? join(dirname(folder), `${basename(folder)}.checkpoint`);
  const result = await runTraining({
    title: triggers ? 'embed' : 'train',
    folder: args.folder,
    task,
    test,
    options,
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
    return { spec: specFor(args.architecture, task), weights: undefined };
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
