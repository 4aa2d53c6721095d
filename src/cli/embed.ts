import type { Argv } from 'yargs';

import { HiddenTriggers } from '../commitment/index.js';
import { mustBeWritable, mustNotExist } from '../files/index.js';
import { claimOptions, claimPaths, readCommitment } from './claim-folder.js';
import { passphraseOptions } from './passphrase.js';
import { readMark } from './secret-files.js';
import { trainModel } from './train.js';
import { recipeGroup, trainOptions } from './train-options.js';

const embedOptions = {
  ...claimOptions,
  ...passphraseOptions,
  ...trainOptions,
  'triggers-per-batch': {
    type: 'number',
    requiresArg: true,
    group: recipeGroup,
    describe: 'Triggers appended to every batch of task images [2]',
  },
} as const;

const examples = `Examples:
  $0 embed model --claim claim                 from scratch, on the images that ship
  $0 embed model --claim claim --from clean    into a trained model
  $0 embed model --claim claim --resume        go on after Ctrl-C`;

export function addEmbed(program: Argv): Argv {
  return program.command(
    'embed <folder>',
    'Train a model with the hidden triggers of a claim in it',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'New model folder' })
        .options(embedOptions)
        .epilogue(examples),
    async (args) => {
      const paths = claimPaths(args);
      await mustNotExist(args.folder);
      await mustBeWritable(args.folder);
      const commitment = await readCommitment(paths.commitment);
      const mark = await readMark(paths.mark, commitment, args);
      await trainModel(args, HiddenTriggers.of(mark, commitment));
    },
  );
}
