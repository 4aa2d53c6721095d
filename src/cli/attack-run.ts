import { join } from 'node:path';

import type { Argv, Options } from 'yargs';

import {
  type Attack,
  type AttackOptions,
  type AttackRecord,
  attacks,
  checkedOptions,
  recordFile,
  runExperiment,
  writeRecord,
} from '../attacks/index.js';
import { InputError } from '../base/index.js';
import { mustBeWritable, mustNotExist } from '../files/index.js';
import { type AttackArguments, attackOptions } from './attack-options.js';
import { experimentOf, keptRecord } from './attack-setup.js';
import { attackTable } from './attack-table.js';
import { Progress } from './progress.js';
import { note, print } from './terminal.js';

const folderOption = {
  type: 'string',
  demandOption: true,
  describe: 'Folder for the records; each attack gets a folder in it',
} as const;

/** One command for each attack. */
export function addAttacks(yargs: Argv): Argv {
  return attacks.reduce(
    (all, attack) =>
      all.command(
        `${attack.name} <folder>`,
        attack.describe,
        (own) =>
          own
            .positional('folder', folderOption)
            .options(attackOptions)
            .options(ownOptions(attack))
            .epilogue(`Example:\n  $0 attack ${attack.name} attacks --model model --claim claim`),
        async (args) => {
          const record = await runOne(attack, givenOptions(attack, args), args as AttackArguments);
          print(attackTable([record]));
        },
      ),
    yargs,
  );
}

/** All attacks one after another; those that are done are kept. */
export function addAttackAll(yargs: Argv): Argv {
  const names = attacks.map(({ name }) => name);
  return yargs.command(
    'all <folder>',
    'Every attack with its usual options, and the table; goes on where it was stopped',
    (own) =>
      own
        .positional('folder', folderOption)
        .options(attackOptions)
        .options({
          only: { type: 'string', describe: `Some of them, with commas: ${names.join(',')}` },
          to: { type: 'string', describe: 'Data set of `transfer`, which is left out without it' },
          epochs: {
            type: 'number',
            requiresArg: true,
            describe: 'Epochs of every training, in place of each attack’s own',
          },
        })
        .epilogue('Example:\n  $0 attack all attacks --model model --claim claim --workers 2'),
    async (args) => {
      const wanted = wantedAttacks(args.only, args.to);
      const records: AttackRecord[] = [];
      for (const attack of wanted) {
        const given = {
          ...(args.epochs !== undefined && 'epochs' in attack.options && { epochs: args.epochs }),
          ...(args.to !== undefined && 'to' in attack.options && { to: args.to }),
        };
        records.push(await runOne(attack, given, args, { keep: true }));
      }
      print(attackTable(records));
    },
  );
}

function wantedAttacks(only: string | undefined, to: string | undefined): readonly Attack[] {
  if (only === undefined) {
    if (to !== undefined) return attacks;
    note('transfer is left out: name another data set with --to');
    return attacks.filter(({ name }) => name !== 'transfer');
  }
  return only.split(',').map((name) => {
    const attack = attacks.find((each) => each.name === name.trim());
    if (attack !== undefined) return attack;
    throw new InputError({
      code: 'usage.attack',
      message: `there is no attack ${JSON.stringify(name)}`,
      hint: `choose some of ${attacks.map((each) => each.name).join(', ')}`,
    });
  });
}

async function runOne(
  attack: Attack,
  given: AttackOptions,
  args: AttackArguments,
  { keep = false } = {},
): Promise<AttackRecord> {
  const options = checkedOptions(attack, given);
  const folder = join(args.folder, attack.name);
  const path = join(folder, recordFile);
  const { experiment, save, close } = await experimentOf({ attack, options, args, folder });
  try {
    const kept = await keptRecord(path, experiment);
    if (kept !== undefined && keep) {
      note(`${attack.name}: done before, kept`);
      return kept;
    }
    note(`${attack.name}: ${attack.title}`);
    await mustBeWritable(path);
    // What a stopped run left: better said now than after hours.
    if (args.save) await mustNotExist(join(folder, 'model-1'));
    let bar = new Progress(attack.name);
    let what = '';
    const record = await runExperiment(
      {
        ...experiment,
        onProgress: (progress) => {
          if (progress.what !== what) {
            bar.end();
            bar = new Progress(`${attack.name}: ${(what = progress.what)}`);
          }
          bar.update(progress.done, progress.total, progress.detail);
        },
      },
      save,
    );
    bar.end();
    await writeRecord(path, record);
    note(`wrote ${path}`);
    return record;
  } finally {
    close();
  }
}

function ownOptions(attack: Attack): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(attack.options).map(([name, { describe, default: usual }]) => [
      name,
      {
        group: 'The attack:',
        describe: usual === '' ? describe : `${describe} [${usual}]`,
        requiresArg: true,
        type: typeof usual === 'number' ? ('number' as const) : ('string' as const),
        ...(usual === '' && name === 'to' && { demandOption: true }),
      },
    ]),
  );
}

function givenOptions(attack: Attack, args: Readonly<Record<string, unknown>>): AttackOptions {
  return Object.fromEntries(
    Object.keys(attack.options).flatMap((name) => {
      const value = args[name];
      return typeof value === 'number' || typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
