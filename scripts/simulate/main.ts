/**
 * Simulates false claims by dishonest owners, writes docs/simulation.md and docs/results/claims.svg, and fails if a rate is above
 * its bound.
 *
 *   npm run simulate claims [-- --claims 12000 --seed veilmark --out DIR]
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { Progress } from '../../src/cli/progress.js';
import { writeFileAtomic } from '../../src/files/index.js';
import { controlsTable, ratesTable, simulationPage } from './page.js';
import { claimsPlot } from './plot.js';
import { findings, simulateAll } from './run.js';
import { strategies } from './strategies.js';

const args = await yargs(hideBin(process.argv))
  .scriptName('npm run simulate')
  .command('claims', 'Count how often false claims win, by strategy of the owner')
  .demandCommand(1, 1, 'say what to simulate: claims')
  .options({
    claims: { type: 'number', default: 12_000, describe: 'Claims of each strategy' },
    seed: { type: 'string', default: 'veilmark', describe: 'The same seed gives the same numbers' },
    out: {
      type: 'string',
      default: resolve(import.meta.dirname, '..', '..', 'docs'),
      describe: 'Folder of the page and its picture',
    },
  })
  .check(({ claims }) => {
    if (Number.isSafeInteger(claims) && claims >= 1) return true;
    throw new Error('--claims is a whole number, at least 1');
  })
  .strict()
  .parse();

const total = args.claims * strategies.length;
const progress = new Progress('claims');
const rows = simulateAll({
  claims: args.claims,
  seed: args.seed,
  onProgress: (done, { name }) => {
    progress.update(done, total, name);
  },
});
progress.end();
process.stdout.write(`${ratesTable(rows)}\n\nWithout the charge:\n\n${controlsTable(rows)}\n`);
await mkdir(join(args.out, 'results'), { recursive: true });
await writeFileAtomic(join(args.out, 'results', 'claims.svg'), await claimsPlot(rows));
await writeFileAtomic(join(args.out, 'simulation.md'), simulationPage(rows, args.seed));
for (const finding of findings(rows)) {
  process.stderr.write(`error: ${finding}\n`);
  process.exitCode = 1;
}
