import { join } from 'node:path';

import type { Argv, Options } from 'yargs';

import { type FalseClaim, falseClaimFile, writeFalseClaims } from '../attacks/index.js';
import { mustBeWritable, mustNotExist } from '../files/index.js';
import { wholeNumber } from './arguments.js';
import { type FalseClaimArguments, falseClaims } from './attack-false-claim-run.js';
import { checkSeed } from './attack-setup.js';
import { untilInterrupted } from './interrupt.js';
import { note, percent, print, table } from './terminal.js';
import { backendOption, checkWorkers, dataOptions, optionalWorkers } from './train-options.js';

const falseClaimOptions = {
  ...dataOptions,
  suspect: {
    type: 'string',
    describe: 'An independent model folder [a cnn-small trained here]',
  },
  ensemble: {
    type: 'number',
    requiresArg: true,
    default: 4,
    describe: 'Models of the claimant',
  },
  nulls: {
    type: 'number',
    requiresArg: true,
    default: 10,
    describe: 'Null models of the judge',
  },
  epochs: {
    type: 'number',
    requiresArg: true,
    default: 10,
    describe: 'Epochs for each of them',
  },
  radius: {
    type: 'number',
    requiresArg: true,
    default: 64,
    describe: 'Most that a byte of an image is moved',
  },
  steps: {
    type: 'number',
    requiresArg: true,
    default: 20,
    describe: 'Gradient steps (I-FGSM)',
  },
  seed: { type: 'string', default: '1', describe: 'The same seed gives the same result' },
  policy: { type: 'string', describe: 'Policy of the judge [the default one]' },
  ...backendOption,
  ...optionalWorkers,
} as const satisfies Record<string, Options>;

export function addAttackFalseClaim(yargs: Argv): Argv {
  return yargs.command(
    'false-claim <folder>',
    'Play the dishonest claimant: adversarial examples as triggers against a model of others',
    (own) =>
      own
        .positional('folder', {
          type: 'string',
          demandOption: true,
          describe: 'Where the result goes',
        })
        .options(falseClaimOptions)
        .epilogue('Example:\n  $0 attack false-claim false-claim --data fashion-mnist'),
    async (args) => {
      const path = join(args.folder, falseClaimFile);
      await checkFalseClaim(args, path);
      const claims = await untilInterrupted((signal) => falseClaims(args, signal));
      await writeFalseClaims(path, claims);
      note(`wrote ${path}`);
      print(claimsTable(claims));
    },
  );
}

/** Everything that can be refused before models are trained for hours. */
async function checkFalseClaim(args: FalseClaimArguments, path: string): Promise<void> {
  checkWorkers(args);
  checkSeed(args.seed);
  for (const name of ['ensemble', 'nulls', 'epochs', 'steps'] as const) {
    wholeNumber(name, args[name], { least: 1, most: 1000 });
  }
  wholeNumber('radius', args.radius, { least: 1, most: 255 });
  await mustNotExist(path);
  await mustBeWritable(path);
}

function claimsTable(claims: readonly FalseClaim[]): string {
  const heading = [
    'labels',
    'model',
    'matched',
    'weakest batch',
    'chance',
    'needed',
    'without null models',
  ];
  const rows = claims.flatMap(({ labels, suspect, nullModels }) =>
    [suspect, ...nullModels].map(({ name, measurement }) => {
      const { triggers, log2P, threshold, batchSize, verdict } = measurement;
      return [
        labels,
        name,
        percent(triggers.correct, triggers.total),
        `${Math.min(...triggers.batches)}/${batchSize}`,
        `2^${log2P}`,
        `${threshold}/${batchSize}`,
        verdict,
      ];
    }),
  );
  return table([heading, ...rows]);
}
