import { join, resolve } from 'node:path';

import type { Argv } from 'yargs';

import { parseShape } from '../base/index.js';
import { type Commitment, type Opening, openPair } from '../commitment/index.js';
import { deriveSecret, systemRandom, taggedHash } from '../crypto/index.js';
import {
  encodePng,
  mustBeWritable,
  mustNotExist,
  writeFolderAtomic,
  writeSecret,
} from '../files/index.js';
import { abstractImages, contactSheet } from '../triggers/index.js';
import { wholeNumber } from './arguments.js';
import { claimOptions, claimPaths, readCommitment } from './claim-folder.js';
import { passphraseOptions } from './passphrase.js';
import { readMark } from './secret-files.js';
import { note } from './terminal.js';
import { triggerSheet } from './trigger-sheet.js';

export function addTriggers(program: Argv): Argv {
  return program.command('triggers', 'Make or look at trigger images', (yargs) =>
    addShow(addGenerate(yargs))
      .demandCommand(1, 'name what to do: generate or show')
      .epilogue('Example:\n  $0 triggers show sheet.png --claim claim'),
  );
}

function addGenerate(program: Argv): Argv {
  return program.command(
    'generate <folder>',
    'Make abstract pictures as PNG files, for looking at or for `commit --images`',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'New folder' })
        .options({
          shape: { type: 'string', demandOption: true, describe: 'E.g. 28x28x1 or 224x224x3' },
          count: { type: 'number', requiresArg: true, default: 144, describe: 'How many' },
          seed: { type: 'string', describe: 'The same seed gives the same pictures [random]' },
        })
        .epilogue('Example:\n  $0 triggers generate pictures --shape 32x32x3 --count 20'),
    async (args) => {
      const sheet = `${resolve(args.folder)}.png`;
      await mustNotExist(args.folder);
      await mustNotExist(sheet);
      const count = wholeNumber('count', args.count, { least: 1, most: 10_000 });
      const secret =
        args.seed === undefined
          ? systemRandom(32)
          : taggedHash('veilmark/picture-seed/1', [args.seed]);
      const purpose = 'veilmark/generated-picture/1';
      const images = abstractImages({
        seedOf: (index, attempt) => deriveSecret(secret, { purpose, index, attempt }, 32),
        count,
        shape: parseShape(args.shape),
      });
      await writeFolderAtomic(
        args.folder,
        async (temporary) => {
          for (const [i, picture] of images.entries()) {
            await writeSecret(join(temporary, `${i + 1}.png`), await encodePng(picture));
          }
        },
        { mode: 0o700 },
      );
      note(`wrote ${count} pictures to ${args.folder}/`);
      const captions = images.map((_, i) => `${i + 1}`);
      await writeSecret(sheet, await contactSheet({ images, captions }));
      note(`wrote a contact sheet to ${sheet}`);
    },
  );
}

function addShow(program: Argv): Argv {
  return program.command(
    'show <sheet>',
    'Write a contact sheet (PNG) of a mark with its labels, or of the public audit',
    (yargs) =>
      yargs
        .positional('sheet', { type: 'string', demandOption: true, describe: 'New PNG file' })
        .options({
          ...claimOptions,
          ...passphraseOptions,
          audit: {
            type: 'boolean',
            default: false,
            describe: 'Only the audited triggers, which the commitment file opens to anyone',
          },
        })
        .epilogue('Example:\n  $0 triggers show sheet.png --claim claim'),
    async (args) => {
      await mustNotExist(args.sheet);
      await mustBeWritable(args.sheet);
      if (args.audit) {
        const path = args.commitment ?? claimPaths({ ...args, mark: '' }).commitment;
        const commitment = await readCommitment(path);
        await writeSheet(args.sheet, commitment, commitment.audit);
        return;
      }
      const paths = claimPaths(args);
      const commitment = await readCommitment(paths.commitment);
      const mark = await readMark(paths.mark, commitment, args);
      const openings = mark.images.map((_, index) => openPair(mark, index));
      await writeSheet(args.sheet, commitment, openings);
      note('the sheet shows the secret triggers: do not publish it');
    },
  );
}

async function writeSheet(
  path: string,
  commitment: Commitment,
  openings: readonly Opening[],
): Promise<void> {
  await writeSecret(path, await triggerSheet(commitment, openings));
  note(
    `wrote ${path}: ${openings.length} triggers, each with its group (A audited, B batch) and label`,
  );
}
