import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { Argv } from 'yargs';

import {
  type AttackRecord,
  knownAttacks,
  readRecord,
  recordFile,
  reportJson,
  reportPage,
  strongest,
  succeeds,
} from '../attacks/index.js';
import { bytesToHex, InputError, utf8ToBytes } from '../base/index.js';
import { HiddenTriggers, openPair } from '../commitment/index.js';
import { listFolder, mustBeWritable, writeFileAtomic, writeSecret } from '../files/index.js';
import { claimOptions, claimPaths, readCommitment } from './claim-folder.js';
import { inFile } from './naming.js';
import { type PassphraseArguments, passphraseOptions } from './passphrase.js';
import { readMark } from './secret-files.js';
import { note, print } from './terminal.js';
import { triggerSheet } from './trigger-sheet.js';

/** Adds `attack report`. */
export function addAttackReport(program: Argv): Argv {
  return program.command(
    'report <folder> [records..]',
    'Write report.html and report.json about attacks that were made',
    (yargs) =>
      yargs
        .positional('folder', {
          type: 'string',
          demandOption: true,
          describe: 'Where the report is written',
        })
        .positional('records', {
          type: 'string',
          array: true,
          describe: `Folders below which every ${recordFile} is read [the same folder]`,
        })
        .options({
          'show-triggers': {
            type: 'boolean',
            default: false,
            describe: 'The owner’s consent to show the secret triggers; needs --claim',
          },
          ...claimOptions,
          ...passphraseOptions,
        })
        .epilogue('Example:\n  $0 attack report attacks'),
    async (args) => {
      checkConsent(args);
      const folders = args.records?.length ? args.records : [args.folder];
      const records = await readRecords(folders);
      const page = join(args.folder, 'report.html');
      await mustBeWritable(page);
      const contactSheet = args.showTriggers ? await sheetUrl(records, args) : undefined;
      const text = await reportPage({ records, known: knownAttacks, contactSheet });
      await writeFileAtomic(
        join(args.folder, 'report.json'),
        reportJson({ records, known: knownAttacks }),
      );
      if (contactSheet === undefined) await writeFileAtomic(page, text);
      else await writeSecret(page, utf8ToBytes(text), { replace: true });
      print(summary(records));
      note(`wrote ${page} and report.json beside it`);
      if (contactSheet !== undefined) note('the page shows the secret triggers: do not publish it');
    },
  );
}

interface ClaimArguments extends PassphraseArguments {
  readonly claim?: string | undefined;
  readonly commitment?: string | undefined;
  readonly mark?: string | undefined;
}

/** A claim is named to show its triggers, and they are shown to nobody who did not say so. */
function checkConsent(args: ClaimArguments & { readonly showTriggers: boolean }): void {
  if (args.showTriggers) {
    claimPaths(args);
    return;
  }
  if ((args.claim ?? args.commitment ?? args.mark) === undefined) return;
  throw new InputError({
    code: 'usage.show-triggers',
    message: 'a claim is named, but nothing of it is shown without the owner’s consent',
    hint: 'add --show-triggers to put the secret triggers on the page, or leave the claim out',
  });
}

/** Every record below some folders, each once, in natural order. */
async function readRecords(folders: readonly string[]): Promise<AttackRecord[]> {
  const found = await Promise.all(folders.map(recordPaths));
  const paths = [...new Map(found.flat().map((path) => [resolve(path), path])).values()];
  if (paths.length === 0) {
    throw new InputError({
      code: 'attack.none',
      message: `there is no ${recordFile} below ${folders.join(', ')}`,
      hint: 'name the folders that the attacks wrote',
    });
  }
  const records: AttackRecord[] = [];
  for (const path of paths) records.push(await inFile(path, () => readRecord(path)));
  return records;
}

async function recordPaths(folder: string): Promise<string[]> {
  const entry = await stat(folder).catch(() => undefined);
  if (entry?.isFile() === true) return [folder];
  const names = await listFolder(folder);
  const paths = await Promise.all(
    names.map(async ({ name, isFolder }) => {
      const path = join(folder, name);
      if (isFolder) return recordPaths(path);
      return name === recordFile ? [path] : [];
    }),
  );
  return paths.flat();
}

/** The contact sheet of the hidden triggers as a data URL. Throws `InputError` `attack.claim` for another claim's mark. */
async function sheetUrl(records: readonly AttackRecord[], args: ClaimArguments): Promise<string> {
  const paths = claimPaths(args);
  const commitment = await readCommitment(paths.commitment);
  const digest = bytesToHex(commitment.digest);
  const other = records.find((record) => record.commitment !== digest);
  if (other) {
    throw new InputError({
      code: 'attack.claim',
      message: `the attack ${other.title} was on the mark of the commitment ${other.commitment}, the claim is ${digest}`,
      hint: 'name the claim whose mark was attacked, and only records of attacks on it',
    });
  }
  const mark = await readMark(paths.mark, commitment, args);
  const { indices } = HiddenTriggers.of(mark, commitment);
  const sheet = await triggerSheet(
    commitment,
    indices.map((index) => openPair(mark, index)),
  );
  return `data:image/png;base64,${Buffer.from(sheet).toString('base64')}`;
}

/** One line that says how many attacks succeeded and one for each of those. */
function summary(records: readonly AttackRecord[]): string {
  const won = records.filter((record) => succeeds(record, strongest(record)));
  const attacks = records.length === 1 ? '1 attack' : `${records.length} attacks`;
  return [`${attacks}, ${won.length} succeeded`, ...won.map(({ title }) => `  ${title}`)].join(
    '\n',
  );
}
