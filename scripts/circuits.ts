/**
 * Compiles the circuits of circuits/circuits.json into circuits/build/ and pins them in keys/manifest.json, with a table in
 * circuits/README.md:
 *
 *   npm run circuits                  all of them
 *   npm run circuits -- NAME...       these
 *   npm run circuits -- --default     those that are compiled when the project is installed
 *   ... --keys                        pins the development keys of these circuits as well
 *   ... --check                       changes nothing: a circuit that is not the pinned one is an error
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { writeFileAtomic } from '../src/files/index.js';
import {
  type CircuitManifest,
  domainSize,
  fileDigest,
  findInstance,
  type Instance,
  listInstances,
  manifestPath,
  openCircuit,
  parseR1cs,
  type R1cs,
} from '../src/proof/circuits/index.js';
import { openProvingKey, setupDev } from '../src/proof/keys/index.js';
import { zkeySize } from '../src/proof/keys/zkey-size.js';
import { WorkerPool } from '../src/proof/workers/index.js';
import { compileCircuit, compiler, sourceOf } from './compile-circuit.js';

type Entry = CircuitManifest['circuits'][string];
const readme = resolve(import.meta.dirname, '..', 'circuits', 'README.md');

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--'));
const isCheck = words.includes('--check');
const pinsKeys = words.includes('--keys');
const chosen =
  names.length > 0
    ? names.map(findInstance)
    : listInstances().filter((instance) => !words.includes('--default') || instance.default);

const before = JSON.parse(
  await readFile(manifestPath, 'utf8').catch(() => '{"circuits":{}}'),
) as CircuitManifest;
const circuits: Record<string, Entry> = { ...before.circuits };
const rows = new Map<string, string>();

const queue = [...chosen];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let instance = queue.shift(); instance; instance = queue.shift()) await build(instance);
  }),
);
if (!isCheck) await writeManifest();
if (pinsKeys) {
  for (const instance of chosen) await pinKey(instance);
  await writeManifest();
}

async function writeManifest(): Promise<void> {
  const listed = listInstances().flatMap(({ name }): [string, Entry][] => {
    const entry = circuits[name];
    return entry ? [[name, entry]] : [];
  });
  const manifest: CircuitManifest = {
    circuits: Object.fromEntries(listed),
    compiler: compiler.package,
    flags: [...compiler.flags],
  };
  await writeFormatted(manifestPath, JSON.stringify(manifest));
  await writeTable();
}

async function build(instance: Instance): Promise<void> {
  const { name } = instance;
  const made = await compileCircuit(sourceOf(instance));
  const r1cs = parseR1cs(new Uint8Array(await readFile(made.r1cs)));
  const digest = async (path: string): Promise<string> =>
    Buffer.from(await fileDigest(path)).toString('hex');
  const entry: Entry = {
    constraints: r1cs.constraints.length,
    publics: r1cs.publics,
    r1cs: await digest(made.r1cs),
    signals: r1cs.signals,
    wasm: await digest(made.wasm),
  };
  const pinned = circuits[name];
  if (pinned?.devKey && pinned.r1cs === entry.r1cs) entry.devKey = pinned.devKey;
  if (isCheck && JSON.stringify(pinned) !== JSON.stringify(entry)) {
    throw new Error(
      `${name} is not the circuit that keys/manifest.json pins: run npm run circuits`,
    );
  }
  circuits[name] = entry;
  rows.set(name, row(instance, r1cs));
  process.stdout.write(`${name}: ${r1cs.constraints.length} constraints\n`);
}

/** Makes the development key in a folder of its own, and notes what it is. */
async function pinKey(instance: Instance): Promise<void> {
  const { name } = instance;
  const folder = await mkdtemp(join(tmpdir(), 'veilmark-keys-'));
  const pool = new WorkerPool();
  const entry = circuits[name];
  try {
    if (!entry) return;
    delete entry.devKey;
    await writeManifest();
    const circuit = await openCircuit(instance);
    await setupDev({ circuit, folder, pool });
    const { verificationKey, zkey } = await openProvingKey(folder, circuit);
    const zkeyDigest = Buffer.from(await fileDigest(zkey)).toString('hex');
    entry.devKey = {
      key: Buffer.from(verificationKey.digest).toString('hex'),
      zkey: zkeyDigest,
    };
    process.stdout.write(`${name}: development key ${entry.devKey.key}\n`);
  } finally {
    await pool.close();
    await rm(folder, { recursive: true });
  }
}

function row({ name, parameters, circuit }: Instance, r1cs: R1cs): string {
  const domain = domainSize(r1cs);
  const perNeuron =
    circuit === 'neurons' ? (r1cs.constraints.length / (parameters[0] ?? 1)).toFixed(2) : '';
  const size = (zkeySize(r1cs, domain) / 1e6).toFixed(1);
  return `| ${name} | ${r1cs.constraints.length} | ${perNeuron} | ${r1cs.publics} | 2^${Math.log2(domain)} | ${size} MB |`;
}

/** Replaces the rows of the table that were measured, and keeps the others. */
async function writeTable(): Promise<void> {
  const text = await readFile(readme, 'utf8');
  const [start, end] = ['<!-- table -->', '<!-- end of table -->'];
  const [head = '', rest = ''] = text.split(start);
  const [old = '', tail = ''] = rest.split(end);
  for (const line of old.split('\n')) {
    const name = /^\| ([a-z0-9-]+) +\|/.exec(line)?.[1];
    if (name !== undefined && !rows.has(name)) rows.set(name, line.replaceAll(/ +/g, ' '));
  }
  const table = [
    '| instance | constraints | a neuron | public inputs | domain | proving key |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...listInstances().flatMap(({ name }) => rows.get(name) ?? []),
  ];
  await writeFormatted(readme, `${head}${start}\n\n${table.join('\n')}\n\n${end}${tail}`);
}

async function writeFormatted(path: string, text: string): Promise<void> {
  const options = await resolveConfig(path);
  await writeFileAtomic(path, await format(text, { ...options, filepath: path }));
}
