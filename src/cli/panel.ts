import type { Argv } from 'yargs';

import { InputError } from '../base/index.js';
import {
  classCount,
  type Commitment,
  type Opening,
  openLabel,
  type Parameters,
} from '../commitment/index.js';
import { mustBeWritable, mustNotExist, readFileLimited, writeFileAtomic } from '../files/index.js';
import { binomialTail, chanceOfMatch, log2 } from '../protocol/index.js';
import { askPanel, isDoubtful, type PanelRow, verifyTranscript } from '../verifier/index.js';
import { readCommitment } from './claim-folder.js';
import { commonest } from './commonest-label.js';
import { inFile } from './naming.js';
import { findNullModels } from './null-models.js';
import { panelPage } from './panel-page.js';
import { Progress } from './progress.js';
import { note, print, table } from './terminal.js';
import { backendOption } from './train-options.js';
import { groupOf } from './trigger-sheet.js';

const examples = `Examples:
  $0 panel page.html --transcript session.transcript --models nulls
  $0 panel page.html --commitment claim/commitment.veilmark --models nulls --models theirs`;

export function addPanel(program: Argv): Argv {
  return program.command(
    'panel <page>',
    'Ask models that know no mark about opened triggers, and write a page of them for a person to confirm',
    (yargs) =>
      yargs
        .positional('page', { type: 'string', demandOption: true, describe: 'New HTML file' })
        .options({
          commitment: {
            type: 'string',
            describe: 'The owner’s public file: the audited pairs are shown',
          },
          transcript: {
            type: 'string',
            describe: 'A black box session: the pairs of its batch are shown too',
          },
          models: {
            type: 'string',
            array: true,
            demandOption: true,
            describe:
              'Model folder, or a folder of `judge train-nulls` (may be repeated): the panel',
          },
          ...backendOption,
        })
        .conflicts('commitment', 'transcript')
        .epilogue(examples),
    async (args) => {
      await mustNotExist(args.page);
      await mustBeWritable(args.page);
      const { commitment, openings, labelMap } = await opened(args);
      const { parameters } = commitment;
      const { backend } = args;
      const models = await findNullModels(args.models, parameters, { labelMap, backend });
      const pairs = openings.map((opening) => ({ opening, label: openLabel(commitment, opening) }));
      const progress = new Progress('asking the panel');
      const rows = await askPanel(models, pairs, {
        classes: classCount(parameters),
        onProgress: (done, total) => {
          progress.update(done, total);
        },
      });
      progress.end();
      const digests = models.map(({ digest }) => digest);
      await writeFileAtomic(args.page, await panelPage({ commitment, rows, models: digests }), {
        exclusive: true,
      });
      note(`wrote ${args.page}: print it, look at each picture, and sign`);
      print(panelTable(rows, commitment, models.length));
      note(finding(rows, parameters));
      const labels = pairs.map(({ label }) => label);
      note(`the commonest committed label of these pairs: ${commonest(parameters, labels)}`);
    },
  );
}

/** The audited pairs and, of a transcript, those of its batch. Throws `InputError` `usage.panel`, `panel.transcript`. */
async function opened({
  commitment,
  transcript,
}: {
  commitment?: string | undefined;
  transcript?: string | undefined;
}): Promise<{
  commitment: Commitment;
  openings: Opening[];
  labelMap?: readonly number[] | undefined;
}> {
  if (commitment !== undefined) {
    const read = await readCommitment(commitment);
    return { commitment: read, openings: [...read.audit] };
  }
  if (transcript === undefined) {
    throw new InputError({
      code: 'usage.panel',
      message: 'nothing is named whose pairs could be shown',
      hint: 'give --commitment FILE or --transcript FILE',
    });
  }
  const file = await readFileLimited(transcript, { limit: 2 ** 30, what: 'transcript' });
  const report = await inFile(transcript, () => verifyTranscript(file));
  const { session } = report;
  const reached = session.phase === 'aborted' ? session.before : session;
  if (report.commitment && 'openings' in reached) {
    const openings = [...report.commitment.audit, ...reached.openings];
    return { commitment: report.commitment, openings, labelMap: reached.judgeHello.labelMap };
  }
  throw new InputError({
    code: 'panel.transcript',
    message: `${transcript} opens no pairs`,
    hint: 'give --commitment FILE, whose audited pairs are open to anyone',
  });
}

function panelTable(rows: readonly PanelRow[], commitment: Commitment, models: number): string {
  const { classNames } = commitment.parameters;
  const name = (index: number): string => classNames[index] ?? 'none';
  const heading = ['pair', 'group', 'committed', 'natural', 'panel: committed', 'natural', ''];
  return table([
    heading,
    ...rows.map((row) => [
      `#${row.opening.index}`,
      groupOf(commitment, row.opening.index),
      name(row.label),
      name(row.natural),
      `${row.votes[row.label] ?? 0}/${models}`,
      row.votes[row.natural] === undefined ? '-' : `${row.votes[row.natural]}/${models}`,
      isDoubtful(row) ? 'look' : '',
    ]),
  ]);
}

/** How many pairs most of the panel answers as committed, and how likely that is where nobody chose the labels. */
function finding(rows: readonly PanelRow[], parameters: Parameters): string {
  const doubtful = rows.filter(isDoubtful).length;
  const words = `most of the panel answers the committed label of ${doubtful} of ${rows.length} pairs`;
  if (parameters.labelMode === 'chosen') return words;
  const chance = chanceOfMatch(parameters);
  const tail = binomialTail({ trials: rows.length, successes: doubtful, chance });
  return `${words}; so many or more by derivation with chance at most 2^${log2(tail).toFixed(1)}`;
}
