/**
 * White box proofs: what they cost for networks of several sizes, that neurons count and multiplications do not, and the same
 * against the straightforward circuit. Weights are seeded and untrained, which costs the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { InputError } from '../src/base/index.js';
import { findInstance, openCircuit } from '../src/proof/circuits/index.js';
import { naiveTable } from './white-box-naive.js';
import { type BenchNetwork, equalNetworks, realNetworks } from './white-box-networks.js';
import { Keys, measure } from './white-box-session.js';
import { grouped, print, printRow } from './white-box-support.js';

/** Circuits that the networks here need. */
const circuits = [
  'neurons-10-10-1068',
  'classification-28x28x1-16',
  'classification-32x32x3-16',
  'fold-16',
  'threshold-40',
];

export async function run(): Promise<void> {
  const missing = await notCompiled();
  if (missing.length > 0) {
    const what = 'some circuits of this benchmark have not been compiled';
    process.stderr.write(`error: ${what}\nhint: npm run circuits -- ${missing.join(' ')}\n`);
    process.exitCode = 2;
    return;
  }
  const started = performance.now();
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const load = loadavg()[0]?.toFixed(2) ?? '';
  print(`${availableParallelism()} cores (${model}), Node ${process.version}, load ${load}`);
  const folder = mkdtempSync(join(tmpdir(), 'veilmark-bench-'));
  try {
    const keys = new Keys(folder);
    await sizesTable(keys);
    await equalTable(keys);
    await naiveTable();
  } finally {
    rmSync(folder, { recursive: true });
  }
  print(
    `\nall proofs verified; ${((performance.now() - started) / 1000).toFixed(0)} s, keys included`,
  );
}

async function notCompiled(): Promise<string[]> {
  const missing: string[] = [];
  for (const name of circuits) {
    try {
      await openCircuit(findInstance(name));
    } catch (error) {
      if (!(error instanceof InputError && error.code === 'circuit.missing')) throw error;
      missing.push(name);
    }
  }
  return missing;
}

async function sizesTable(keys: Keys): Promise<void> {
  print('\nA trigger of a batch of 40; seconds with all cores, and of the cores together\n');
  const columns = ['neurons', 'multiplications', 'blocks', 'constraints', 'a neuron'];
  const more = [
    'prove s',
    'core s',
    'verify ms',
    'β s, once',
    'proof bytes',
    'keys MB',
    'worker MB',
  ];
  printRow(['network', ...columns, ...more]);
  printRow(['---', ...[...columns, ...more].map(() => '---:')]);
  const notes: string[] = [];
  for await (const { name, network, multiplications } of realNetworks()) {
    const measured = await measure(network, keys);
    const { blocks, constraints, provenBlocks } = measured;
    const mark = provenBlocks === undefined ? '' : '*';
    if (provenBlocks !== undefined) {
      notes.push(`\\* ${name}: extrapolated from ${provenBlocks} of ${blocks} blocks`);
    }
    printRow([
      ...[name, grouped(network.neurons), grouped(multiplications), grouped(blocks)],
      ...[grouped(constraints), (constraints / network.neurons).toFixed(1)],
      ...[`${measured.prove.toFixed(2)}${mark}`, `${measured.cores.toFixed(2)}${mark}`],
      `${(1000 * measured.verify).toFixed(1)}${mark}`,
      ...[measured.projection.toFixed(3), grouped(256 * measured.proofs)],
      `${megabytes(measured.zkeys)} + ${megabytes(measured.keys)}`,
      grouped(measured.memory),
    ]);
  }
  for (const note of notes) print(`\n${note}`);
}

async function equalTable(keys: Keys): Promise<void> {
  print('\nEqual neurons, more and more multiplications\n');
  const columns = ['neurons', 'multiplications', '×', 'constraints', 'prove s', 'core s'];
  printRow(['network', ...columns, 'verify ms', 'β ms, once']);
  printRow(['---', ...columns.map(() => '---:'), '---:', '---:']);
  const made: BenchNetwork[] = [];
  for await (const each of equalNetworks()) made.push(each);
  for (const { name, network, multiplications } of made) {
    const { constraints, prove, cores, verify, projection } = await measure(network, keys);
    printRow([
      ...[name, grouped(network.neurons), grouped(multiplications)],
      (multiplications / (made[0]?.multiplications ?? NaN)).toFixed(1),
      ...[grouped(constraints), prove.toFixed(2), cores.toFixed(2)],
      ...[(1000 * verify).toFixed(1), grouped(1000 * projection)],
    ]);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
