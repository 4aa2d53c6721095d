import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Argv } from 'yargs';

import { InputError } from '../base/index.js';
import { runDemo } from './demo-run.js';
import { type DemoWhiteBox, whiteBoxJson } from './demo-white-box.js';
import { log2, pValueOf, type SessionRecord } from '../protocol/index.js';
import { exitCodes, note, percent, print, table } from './terminal.js';
import { backendOption } from './train-options.js';

export function addDemo(program: Argv): Argv {
  return program.command(
    'demo',
    'The whole job on real images: mark a model, prove it, lose against an unmarked one',
    (yargs) =>
      yargs
        .options({
          dir: { type: 'string', describe: 'New or empty folder for all files [temporary]' },
          json: { type: 'boolean', default: false, describe: 'Print one JSON object on stdout' },
          architecture: {
            choices: ['cnn-small', 'cnn-medium', 'cnn', 'mlp'] as const,
            default: 'cnn-small' as const,
            describe: 'Network to mark',
          },
          ...backendOption,
        })
        .epilogue('Example:\n  $0 demo --dir demo'),
    async (args) => {
      const folder = await prepareFolder(args.dir);
      const result = await runDemo({ ...args, folder });
      if (args.json) print(JSON.stringify(asJson(result)));
      else printSummary(result);
      const asExpected =
        result.marked.outcome.verdict === 'proved' &&
        result.unmarked.outcome.verdict === 'not-proved' &&
        result.whiteBox.record.outcome.verdict === 'proved' &&
        result.whiteBoxUnmarked.record.outcome.verdict === 'not-proved' &&
        result.verified;
      process.exitCode = asExpected ? 0 : exitCodes['not-proved'];
    },
  );
}

type DemoResult = Awaited<ReturnType<typeof runDemo>>;

async function prepareFolder(dir: string | undefined): Promise<string> {
  if (dir === undefined) return mkdtemp(join(tmpdir(), 'veilmark-demo-'));
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new InputError({
      code: 'demo.dir',
      message: `${folder} is not empty`,
      hint: 'name a new folder: the demo never overwrites anything',
    });
  }
  return folder;
}

function asJson(result: DemoResult): object {
  const { model, marked, unmarked, hidden, seconds, files } = result;
  const sessions = {
    blackBox: counts(marked),
    unmarked: counts(unmarked),
    whiteBox: whiteBoxJson(result.whiteBox),
    whiteBoxUnmarked: whiteBoxJson(result.whiteBoxUnmarked),
  };
  return { model, ...sessions, hiddenProofs: hidden, seconds, files };
}

function counts({ outcome }: SessionRecord): object {
  const { verdict, decision } = outcome;
  return {
    verdict,
    challenged: decision?.challenged ?? 0,
    matched: decision?.matched ?? 0,
    log2PValue: decision ? log2(pValueOf(decision)) : 0,
  };
}

function printWhiteBox(name: string, session: DemoWhiteBox): void {
  const { record, fidelity, proveSeconds, verifySeconds } = session;
  const { whiteBox, verdict } = record.outcome;
  const { threshold = 0, batch = 0 } = whiteBox ?? {};
  const found =
    verdict === 'proved'
      ? `at least ${threshold} of ${batch} triggers match, none of them shown; proved in ${proveSeconds.toFixed(1)} s, verified in ${verifySeconds.toFixed(1)} s`
      : `${threshold} of ${batch} matches not proven`;
  print(`white box, ${name} model: ${verdict}: ${found} (fidelity ${percent(fidelity)})`);
}

function printSummary(result: DemoResult): void {
  const { model, marked, unmarked, hidden, seconds, files, verified } = result;
  const row = (name: string, test: number, triggers: number, { outcome }: SessionRecord) => {
    const { decision, verdict } = outcome;
    const chance = decision ? `2^${log2(pValueOf(decision)).toFixed(1)}` : '';
    const matches = decision ? `${decision.matched}/${decision.challenged}` : '';
    return [name, percent(test), percent(triggers), matches, chance, verdict];
  };
  print(
    table([
      ['model', 'test accuracy', 'hidden triggers', 'session', 'chance', 'verdict'],
      row('marked', model.testAccuracy, model.triggerAccuracy, marked),
      row('unmarked', model.unmarkedTestAccuracy, model.unmarkedTriggerAccuracy, unmarked),
    ]),
  );
  print('');
  print(
    `hidden pairs proven well-formed, nothing of them shown: ${hidden.proven} in ${hidden.seconds.toFixed(1)} s (development key: not evidence)`,
  );
  printWhiteBox('marked', result.whiteBox);
  printWhiteBox('unmarked', result.whiteBoxUnmarked);
  print(`all transcripts re-verified offline: ${verified ? 'yes' : 'NO'}`);
  print(`time: ${seconds.total.toFixed(1)} s`);
  note('');
  note(`look at it again:  npx veilmark verify ${files.transcript} --allow-dev-keys`);
  note(`                   npx veilmark verify ${files.whiteBoxTranscript} --allow-dev-keys`);
  note(`                   npx veilmark inspect ${files.commitment}`);
}
