/**
 * Regenerates docs/results.md: trains and attacks what `plan.ts` lists, keeps each result in docs/results/BUDGET, and writes the
 * page from all that is there. It may be stopped at any time and started again.
 *
 *   npm run results -- --budget cpu [--data idx:DIR] [--workers 2] [--seeds 1,2,3] [--transfer-to folder:…] [--page-only]
 */
import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { writeFileAtomic } from '../../src/files/index.js';
import { parseShape } from '../../src/base/index.js';
import { backendChoices, loadDataset } from '../../src/training/index.js';
import { resultsPage } from './page.js';
import { budgets, modelKinds, onBoth, onScratch } from './plan.js';
import { attackResult, type Laboratory, modelResult } from './runs.js';

const root = resolve(import.meta.dirname, '..', '..');
const args = await yargs(hideBin(process.argv))
  .scriptName('npm run results --')
  .options({
    budget: {
      choices: ['cpu', 'gpu'] as const,
      default: 'cpu' as const,
      describe: 'Which half of the page',
    },
    data: { type: 'string', describe: 'Where the data lie, named as for `veilmark train`' },
    'transfer-to': {
      type: 'string',
      describe: 'Data set for the transfer; without it there is none',
    },
    seeds: { type: 'string', describe: 'Some of the seeds, with commas' },
    backend: { choices: backendChoices, default: 'auto' as const },
    workers: { type: 'number', default: cpus().length, describe: 'Threads on wasm' },
    models: { type: 'string', default: 'build/results', describe: 'Where models are kept' },
    'page-only': { type: 'boolean', default: false, describe: 'Only write the page' },
  })
  .strict()
  .parse();

const budget = budgets[args.budget];
const results = join(root, 'docs', 'results', budget.name);
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

if (!args.pageOnly) {
  const shape = parseShape(budget.shape);
  const readData = async (name: string) => ({
    task: await loadDataset(name, { split: 'train', shape, fit: 'resize' }),
    test: await loadDataset(name, { split: 'test', shape, fit: 'resize' }),
  });
  await mkdir(results, { recursive: true });
  const lab: Laboratory = {
    budget,
    ...(await readData(args.data ?? budget.data)),
    machine: {
      backend: args.backend,
      workers: args.backend === 'auto' || args.backend === 'wasm' ? args.workers : 1,
    },
    results,
    models: resolve(args.models),
    readData,
    transferTo: args.transferTo,
    say,
  };
  for (const seed of args.seeds?.split(',') ?? budget.seeds) {
    for (const kind of modelKinds) await modelResult(lab, { kind, seed });
    for (const name of onBoth) {
      for (const kind of ['scratch', 'pretrained'] as const)
        await attackResult(lab, { name, kind, seed });
    }
    for (const name of onScratch) {
      if (name === 'transfer' && args.transferTo === undefined) continue;
      await attackResult(lab, { name, kind: 'scratch', seed });
    }
  }
}
await writeFileAtomic(
  join(root, 'docs', 'results.md'),
  await resultsPage(join(root, 'docs', 'results')),
);
say('wrote docs/results.md');
