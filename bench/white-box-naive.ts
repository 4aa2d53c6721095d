/** One small network by the straightforward circuit (`naive-network.circom`) and by ours, in constraints. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { buildFolder, compileCircuit, type Source } from '../scripts/compile-circuit.js';
import { bigEndianToInteger } from '../src/base/index.js';
import { fieldOrder, SeededStream } from '../src/crypto/index.js';
import { parseR1cs, publicInputs, type R1cs } from '../src/proof/circuits/index.js';
import { WitnessCalculator } from '../src/proof/proving/index.js';
import { grouped, print, printRow } from './white-box-support.js';

const [side, hidden, classes] = [8, 64, 10];
const pixels = side * side;

const naiveFile = '../bench/naive-network.circom';
const weights = ['weights1', 'bias1', 'weights2', 'bias2'];
const naive = { file: naiveFile, template: 'NaiveNetwork', parameters: [pixels, hidden, classes] };

/** What is compiled, with the words of its row; those of `naive` are checked against plain arithmetic. */
const sources: readonly (Source & { readonly row: string; readonly serves: string })[] = [
  {
    ...{ ...naive, name: 'bench-naive-private', publics: [] },
    ...{ row: 'straightforward, weights private inputs', serves: 'these layers' },
  },
  {
    ...{ ...naive, name: 'bench-naive-public', publics: weights },
    ...{ row: 'straightforward, weights public inputs', serves: 'these layers' },
  },
  {
    ...{ ...naive, template: 'NaiveFixedNetwork', name: 'bench-naive-fixed', publics: [] },
    ...{ row: 'straightforward, weights compiled in', serves: 'this one network' },
  },
  {
    ...{ name: 'bench-neurons-10-10-64', file: 'neurons.circom', template: 'Neurons' },
    ...{ parameters: [hidden, 10, 10], publics: publicInputs.neurons },
    ...{ row: 'ours: `neurons` of 64', serves: 'any network' },
  },
  {
    ...{ name: 'bench-classification-8x8x1-16', file: 'classification.circom' },
    ...{ template: 'Classification', parameters: [side, side, 1, 4, 4, 40] },
    publics: publicInputs.classification,
    row: 'ours: `classification` of 8×8×1',
    serves: 'any network',
  },
];

/** Compiles all, prints the table, and removes what was compiled: only `circuits/` counts as a source there. */
export async function naiveTable(): Promise<void> {
  const multiplications = pixels * hidden + hidden * classes;
  print(
    `\nOne network of ${pixels} pixels, ${hidden} neurons, ${classes} logits: ${grouped(multiplications)} multiplications\n`,
  );
  print('| circuit | constraints | a neuron | public inputs | serves |');
  print('| --- | ---: | ---: | ---: | --- |');
  const ours = { constraints: 0, publics: 0 };
  for (const source of sources) {
    const { constraints, publics } = await compiled(source);
    const { length } = constraints;
    printRow([source.row, ...counts(length, publics), source.serves]);
    if (source.file === naiveFile) continue;
    ours.constraints += length;
    ours.publics += publics;
  }
  printRow(['ours: both', ...counts(ours.constraints, ours.publics), 'any network']);
}

function counts(constraints: number, publics: number): string[] {
  return [grouped(constraints), (constraints / hidden).toFixed(1), grouped(publics)];
}

async function compiled(source: Source): Promise<R1cs> {
  try {
    await discard(source);
    const made = await compileCircuit(source);
    if (source.template === 'NaiveNetwork') await checkNaive(await readFile(made.wasm));
    return parseR1cs(new Uint8Array(await readFile(made.r1cs)));
  } finally {
    await discard(source);
  }
}

async function discard({ name }: Source): Promise<void> {
  for (const extension of ['r1cs', 'wasm', 'source']) {
    await rm(join(buildFolder, `${name}.${extension}`), { force: true });
  }
}

/** Refuses a circuit whose logits are not the network's: it would be no fair comparison. */
async function checkNaive(wasm: Uint8Array): Promise<void> {
  const stream = new SeededStream('bench/naive', []);
  const draw = (count: number): number[] =>
    Array.from({ length: count }, () => stream.below(255) - 127);
  const image = Array.from(stream.bytes(pixels));
  const [weights1, bias1] = [draw(pixels * hidden), draw(hidden)];
  const [weights2, bias2] = [draw(hidden * classes), draw(classes)];
  const dense = (values: number[], kernel: number[], bias: number[]): number[] =>
    bias.map((start, o) =>
      values.reduce((sum, value, i) => sum + value * (kernel[i * bias.length + o] ?? 0), start),
    );
  const relu = dense(image, weights1, bias1).map((value) => Math.max(value, 0));
  const wanted = dense(relu, weights2, bias2).map(element);

  const given = { image, weights1, bias1, weights2, bias2 };
  const inputs = Object.entries(given).map(
    ([name, values]) => [name, values.map(element)] as const,
  );
  const calculator = await WitnessCalculator.load(wasm);
  const witness = await calculator.calculate(Object.fromEntries(inputs));
  const found = wanted.map((_, k) =>
    bigEndianToInteger(witness.slice(32 * (k + 1), 32 * (k + 2)).reverse()),
  );
  if (found.join() !== wanted.join()) throw new Error('the naive circuit computes other logits');
}

function element(value: number): bigint {
  return value < 0 ? BigInt(value) + fieldOrder : BigInt(value);
}
