import type { ArgumentsCamelCase, InferredOptionTypes, Options } from 'yargs';

import { claimOptions } from './claim-folder.js';
import { passphraseOptions } from './passphrase.js';
import { backendOption, dataOptions, optionalWorkers } from './train-options.js';

const thief = 'The thief:';

/** Options of every attack. */
export const attackOptions = {
  model: { type: 'string', demandOption: true, describe: 'Marked model folder, yours' },
  ...claimOptions,
  ...passphraseOptions,
  ...dataOptions,
  'data-part': {
    type: 'number',
    requiresArg: true,
    group: thief,
    default: 1,
    describe: 'Part of the training images that the thief has',
  },
  seed: {
    type: 'string',
    group: thief,
    default: '1',
    describe: 'The same seed gives the same attack',
  },
  policy: { type: 'string', describe: 'Policy of the judge [the default one]' },
  save: {
    type: 'boolean',
    default: false,
    describe: 'Also write each attacked model, as a TensorFlow.js model folder',
  },
  ...backendOption,
  ...optionalWorkers,
} as const satisfies Record<string, Options>;

export type AttackArguments = ArgumentsCamelCase<InferredOptionTypes<typeof attackOptions>> & {
  folder: string;
};
