/**
 * Fuzzes parsers and state machines, each target in a process of its own, and adds inputs that take a new way to
 * test/fuzz/corpus.
 *
 *   npm run fuzz [-- TARGET…] [--seconds 60] [--seed TEXT]   all targets, or some
 *   npm run fuzz -- TARGET --input FILE                      one input, e.g. one that went wrong
 *   npm run fuzz -- --seeds                                  makes the corpus anew, after a format has changed
 */
import { readFileSync } from 'node:fs';

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { campaign } from './campaign.js';
import { clearCorpus } from './corpus.js';
import { outcomeOf } from './outcome.js';
import { targets } from './targets/index.js';

const names = targets.map(({ name }) => name);
const args = await yargs(hideBin(process.argv))
  .scriptName('npm run fuzz --')
  .usage('$0 [TARGET…]')
  .options({
    seconds: { type: 'number', default: 60, describe: 'For each target' },
    seed: { type: 'string', default: String(process.pid), describe: 'Of the changes' },
    input: { type: 'string', describe: 'Run this file alone' },
    seeds: { type: 'boolean', default: false, describe: 'Make the corpus anew' },
  })
  .epilogue(`Targets: ${names.join(', ')}`)
  .strictOptions()
  .parse();
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const unknown = args._.map(String).filter((name) => !names.includes(name));
if (unknown.length > 0) {
  say(`error: no target ${unknown.join(', ')}\nhint: choose of ${names.join(', ')}`);
  process.exit(2);
}
const chosen = args._.length > 0 ? args._.map(String) : names;

if (args.input !== undefined) {
  const input = new Uint8Array(readFileSync(args.input));
  for (const target of targets.filter(({ name }) => chosen.includes(name))) {
    for (const seed of await target.seeds()) await outcomeOf(target, seed);
    const { defect, signature } = await outcomeOf(target, input);
    say(`${target.name}: ${defect ?? signature}`);
    if (defect !== undefined) process.exitCode = 1;
  }
  process.exit();
}

let total = 0;
for (const target of chosen) {
  if (args.seeds) clearCorpus(target);
  const seed = args.seeds ? 'corpus' : args.seed;
  const { runs, added, defects } = await campaign({ target, seconds: args.seconds, seed, say });
  total += defects.length;
  say(`${target}: ${runs} inputs, ${added} kept, ${defects.length} defects`);
}
if (total > 0) process.exitCode = 1;
