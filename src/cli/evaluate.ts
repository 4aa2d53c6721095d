import type { Argv } from 'yargs';

import { HiddenTriggers } from '../commitment/index.js';
import { loadDataset } from '../training/data/index.js';
import { evaluate, fraction } from '../training/evaluate.js';
import { checkModelFits, loadModelFolder } from '../training/loaded-model.js';
import { claimOptions, claimPaths, readCommitment } from './claim-folder.js';
import { passphraseOptions } from './passphrase.js';
import { readMark } from './secret-files.js';
import { percent, print } from './terminal.js';
import { backendOption, dataOptions } from './train-options.js';

export function addEvaluate(program: Argv): Argv {
  return program.command(
    'evaluate <folder>',
    'Measure a model on test images and, with --claim, on the hidden triggers',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'Model folder' })
        .options({ ...dataOptions, ...backendOption, ...claimOptions, ...passphraseOptions }),
    async (args) => {
      const model = await loadModelFolder(args.folder, { backend: args.backend });
      try {
        const { shape, classes } = model.spec;
        const test = await loadDataset(args.data, { split: 'test', shape, fit: args.fit });
        const kinds = test.classNames.length;
        checkModelFits(model, { what: 'the data', shape: test.shape, classes: kinds });
        const accuracy = await evaluate(model, test, { classes });
        print(`test      ${percent(fraction(accuracy))}  ${accuracy.correct}/${accuracy.total}`);
        if (args.claim === undefined && args.mark === undefined) return;
        const paths = claimPaths(args);
        const commitment = await readCommitment(paths.commitment);
        const triggers = HiddenTriggers.of(
          await readMark(paths.mark, commitment, args),
          commitment,
        );
        checkModelFits(model, {
          what: 'the commitment',
          shape: triggers.shape,
          classes: commitment.parameters.classNames.length,
        });
        const marks = await evaluate(model, triggers, { classes });
        print(`triggers  ${percent(fraction(marks))}  ${marks.correct}/${marks.total}`);
      } finally {
        model.dispose();
      }
    },
  );
}
