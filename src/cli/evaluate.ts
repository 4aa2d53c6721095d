import type { Argv } from 'yargs';

import { classCount, HiddenTriggers } from '../commitment/index.js';
import { loadDataset } from '../training/data/index.js';
import { type Accuracy, evaluate, fraction } from '../training/evaluate.js';
import { checkModelFits, type LoadedModel, loadModelFolder } from '../training/loaded-model.js';
import { claimOptions, claimPaths, readCommitment } from './claim-folder.js';
import { type PassphraseArguments, passphraseOptions } from './passphrase.js';
import { readMark } from './secret-files.js';
import { note, percent, print } from './terminal.js';
import { backendOption, dataOptions } from './train-options.js';

export function addEvaluate(program: Argv): Argv {
  return program.command(
    'evaluate <folder>',
    'Measure a model on test images and, with --claim, on the hidden triggers',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'Model folder' })
        .options({ ...dataOptions, ...backendOption, ...claimOptions, ...passphraseOptions })
        .epilogue('Example:\n  $0 evaluate model --claim claim'),
    async (args) => {
      const model = await loadModelFolder(args.folder, { backend: args.backend });
      try {
        note(`the model runs on ${model.backend}`);
        const { shape, classes } = model.spec;
        const test = await loadDataset(args.data, { split: 'test', shape, fit: args.fit });
        const kinds = test.classNames.length;
        checkModelFits(model, { what: 'the data', shape: test.shape, classes: kinds });
        const accuracy = await evaluate(model, test, { classes });
        const lines = [`test      ${counts(accuracy)}`];
        if (args.claim !== undefined || args.mark !== undefined) {
          lines.push(`triggers  ${counts(await evaluateTriggers(model, args))}`);
        }
        print(lines.join('\n'));
      } finally {
        model.dispose();
      }
    },
  );
}

async function evaluateTriggers(
  model: LoadedModel,
  args: Parameters<typeof claimPaths>[0] & PassphraseArguments,
): Promise<Accuracy> {
  const paths = claimPaths(args);
  const commitment = await readCommitment(paths.commitment);
  const triggers = HiddenTriggers.of(await readMark(paths.mark, commitment, args), commitment);
  const classes = classCount(commitment.parameters);
  checkModelFits(model, { what: 'the commitment', shape: triggers.shape, classes });
  return evaluate(model, triggers, { classes });
}

function counts(accuracy: Accuracy): string {
  return `${percent(fraction(accuracy))}  ${accuracy.correct}/${accuracy.total}`;
}
