import type { Argv } from 'yargs';

import { bytesToHex, formatShape, InputError, parseShape } from '../base/index.js';
import {
  batchCount,
  checkParameters,
  createCommitment,
  defaultCounts,
  type Parameters,
} from '../commitment/index.js';
import { mustBeWritable, mustNotExist, readFileLimited } from '../files/index.js';
import { defaultPolicy, requireThreshold } from '../protocol/index.js';
import { datasetKinds, loadDataset } from '../training/data/index.js';
import { claimFiles, writeClaim } from './claim-folder.js';
import { asWish } from './naming.js';
import { newPassphraseOptions, passphraseToSeal } from './passphrase.js';
import { Progress } from './progress.js';
import { readKey } from './secret-files.js';
import { note } from './terminal.js';
import { makeMarkSource } from './trigger-source.js';

const examples = `Examples:
  $0 commit claim --key owner.key --data fashion-mnist
  $0 commit claim --key owner.key --shape 32x32x3 --classes names.txt
  $0 commit claim --key owner.key --data idx:DIR --images pictures --labels chosen --labels-file labels.txt`;

const groups = {
  task: 'The task:',
  pictures: 'Pictures and labels:',
  counts: 'How many:',
} as const;

export function addCommit(program: Argv): Argv {
  return program.command(
    'commit <folder>',
    'Make a trigger set and commit to it: a public commitment, a secret mark, a ledger',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'New claim folder' })
        .options({
          key: { type: 'string', demandOption: true, describe: 'The owner’s key file' },
          data: {
            group: groups.task,
            type: 'string',
            describe: `Data set that gives shape and classes: ${datasetKinds}`,
          },
          shape: {
            group: groups.task,
            type: 'string',
            describe: 'Shape of the images, e.g. 32x32x3',
          },
          classes: {
            group: groups.task,
            type: 'string',
            describe: 'File of class names, one a line',
          },
          images: {
            group: groups.pictures,
            type: 'string',
            describe: 'Folder of pictures to use as triggers',
          },
          fit: {
            group: groups.pictures,
            choices: ['resize', 'crop', 'exact'] as const,
            default: 'crop' as const,
            describe: 'How pictures of another size are brought to the shape',
          },
          labels: {
            group: groups.pictures,
            choices: ['derived', 'chosen'] as const,
            default: 'derived' as const,
            describe: 'derived: nobody chooses them; chosen: the paper’s mode, weaker',
          },
          'labels-file': {
            group: groups.pictures,
            type: 'string',
            describe: 'With --labels chosen: one number a line',
          },
          natural: {
            group: groups.pictures,
            type: 'string',
            describe: 'File with the class each picture shows, or `none`, one a line',
          },
          hidden: {
            group: groups.counts,
            requiresArg: true,
            type: 'number',
            default: defaultCounts.hidden,
            describe: 'Hidden triggers',
          },
          audited: {
            group: groups.counts,
            requiresArg: true,
            type: 'number',
            default: defaultCounts.audited,
            describe: 'Triggers opened for good at once (cut-and-choose)',
          },
          batch: {
            group: groups.counts,
            requiresArg: true,
            type: 'number',
            default: defaultCounts.batchSize,
            describe: 'Hidden triggers that one session opens',
          },
          seed: { type: 'string', describe: 'For tests only: `prove` refuses such a mark' },
          ...newPassphraseOptions,
        })
        .epilogue(examples),
    async (args) => {
      await mustNotExist(args.folder);
      await mustBeWritable(args.folder);
      const { shape, classNames } = await describeTask(args);
      const parameters: Parameters = {
        labelMode: args.labels,
        natural: args.natural === undefined ? 'none' : 'given',
        shape,
        classNames,
        hidden: args.hidden,
        audited: args.audited,
        batchSize: args.batch,
        origin: args.seed === undefined ? 'system' : 'test',
      };
      checkParameters(parameters);
      const threshold = asWish(() => requireThreshold(parameters, defaultPolicy));
      const owner = await readKey(args.key, args);
      const passphrase = await passphraseToSeal(args, 'the mark');
      const count = args.hidden + args.audited;
      note(`making ${count} triggers of ${formatShape(shape)}`);
      const source = await makeMarkSource({
        shape,
        classes: classNames.length,
        count,
        labelMode: args.labels,
        pictures: args.images === undefined ? undefined : { folder: args.images, fit: args.fit },
        labelFile: args.labelsFile,
        naturalFile: args.natural,
        seed: args.seed,
      });
      const progress = new Progress('committing');
      const claim = createCommitment({
        parameters,
        source,
        owner,
        onProgress: (done) => {
          progress.update(done, count);
        },
      });
      progress.end();
      await writeClaim(args.folder, claim, passphrase);
      note(`wrote ${args.folder}/`);
      note(`  ${claimFiles.commitment}  publish it`);
      note(`  ${claimFiles.mark}        keep it secret`);
      note(`  ${claimFiles.ledger}      keep it, and keep only the newest copy`);
      note(
        `${batchCount(parameters)} batches of ${args.batch}; a session needs ${threshold} of ${args.batch} matches under the default policy`,
      );
      note(`commitment ${bytesToHex(claim.commitment.digest)}`);
    },
  );
}

async function describeTask(args: {
  data?: string | undefined;
  shape?: string | undefined;
  classes?: string | undefined;
}) {
  const shape = args.shape === undefined ? undefined : parseShape(args.shape);
  if (args.data !== undefined) {
    // A folder of the layout DIR/CLASS has no other split.
    const task = await loadDataset(args.data, { split: 'train', shape, fit: 'crop' });
    return { shape: task.shape, classNames: task.classNames };
  }
  if (shape === undefined || args.classes === undefined) {
    throw new InputError({
      code: 'usage.task',
      message: 'the shape of the images and the classes are not given',
      hint: 'give --data, or both --shape and --classes FILE',
    });
  }
  const bytes = await readFileLimited(args.classes, {
    limit: 2 ** 24,
    what: 'file of class names',
  });
  const classNames = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  return { shape, classNames };
}
