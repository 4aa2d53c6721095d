import yargs from 'yargs';

import { parseShape, VeilmarkError } from '../../../src/base/index.js';
import { checkArguments, usageError } from '../../../src/cli/arguments.js';
import { parseProver } from '../../../src/cli/judge-inputs.js';
import { parseBits } from '../../../src/cli/network-bits.js';
import { parsePublicKey } from '../../../src/cli/secret-files.js';
import { parseEndpoint } from '../../../src/suspect/endpoint.js';
import { loadDataset } from '../../../src/training/data/index.js';
import { type FuzzTarget, readable, text } from '../target.js';

/** Readers of single words of the command line. */
const readers: readonly ((word: string) => unknown)[] = [
  parseShape,
  parseBits,
  parseProver,
  parseEndpoint,
  (word) => parsePublicKey('owner', word),
  (word) => loadDataset(word.replaceAll('/', '_'), { split: 'test' }),
  (word) => {
    checkArguments({ word: Number(word), text: word }, []);
  },
  lineOf,
];

/** The argument parser as the commands set it up, with a command that does nothing. */
async function lineOf(line: string): Promise<string> {
  const words = line.split(/\s+/);
  const program = yargs(words)
    .parserConfiguration({ 'greedy-arrays': false })
    .strict()
    .exitProcess(false)
    .help(false)
    .version(false)
    .command('keygen <name>', 'none', (one) =>
      one
        .positional('name', { type: 'string' })
        .option('plain', { type: 'boolean' })
        .option('count', { type: 'number' })
        .option('judge-key', { type: 'string', array: true }),
    )
    .check((args) => {
      checkArguments(args, ['judge-key']);
      return true;
    })
    .fail((message, error) => {
      if ((error as Error | undefined) instanceof VeilmarkError) throw error;
      throw usageError(message === '' ? 'an error' : message, words);
    });
  const { _: names } = await program.parseAsync();
  return String(names.length);
}

/** Words of the command line: the first byte picks the reader. */
export const words: FuzzTarget = {
  name: 'arguments',
  seeds: () =>
    [
      ['0', '28x28x1'],
      ['1', '10,10'],
      ['2', 'wss://127.0.0.1:7411'],
      ['3', 'http://127.0.0.1:8080/a'],
      ['4', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'],
      ['5', 'idx:DIR'],
      ['6', '12'],
      ['7', 'keygen judge --plain --count 3 --judge-key a --judge-key b'],
    ].map(([kind = '', word = '']) => text.encode(kind + word)),
  run: async (input) => {
    const line = readable.decode(input);
    const reader = readers[Number(line.charAt(0)) % readers.length] ?? parseShape;
    await reader(line.slice(1));
    return String(readers.indexOf(reader));
  },
};
