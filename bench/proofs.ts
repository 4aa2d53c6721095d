/**
 * Proving with the pool against snarkjs's own `fullProve`, one proof after another, in one run; witness time, memory, and the
 * two verifiers. With a `rapidsnark` binary on the path or in $RAPIDSNARK the same proofs by it, its witnesses in files, as it
 * reads no other: these statements hide nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { groth16, zKey } from 'snarkjs';

import { findInstance, openCircuit } from '../src/proof/circuits/index.js';
import { decodeProof, proofToSnarkjs, verifyProof, verifyProofs } from '../src/proof/index.js';
import { openProvingKey, type ProvingKey, setupDev, withSnarkjs } from '../src/proof/keys/index.js';
import {
  type CircuitInputs,
  encodeWitness,
  proveAll,
  WitnessCalculator,
} from '../src/proof/proving/index.js';
import { WorkerPool } from '../src/proof/workers/index.js';
import { SeededStream } from '../src/crypto/index.js';
import * as twin from '../test/twin/circuits.js';
import { reduce } from '../test/twin/poseidon.js';

const count = 8;
const circuits: Record<string, (number: number) => CircuitInputs> = {
  'opening-28x28x1-16': openingStatement,
  'neurons-10-10-1068': neuronsStatement,
};

export async function run(): Promise<void> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const load = loadavg()[0]?.toFixed(2) ?? '';
  print(`${availableParallelism()} cores (${model}), Node ${process.version}, load ${load}`);
  const folder = mkdtempSync(join(tmpdir(), 'veilmark-bench-'));
  try {
    for (const [name, statement] of Object.entries(circuits)) {
      await benchCircuit(name, statement, folder);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** True statements with arbitrary secrets, from the tests' second implementation. */
function openingStatement(number: number): CircuitInputs {
  const stream = new SeededStream('bench/opening', [number]);
  const pair = twin.openPair({
    ...{ shape: [28, 28, 1], pixels: [...stream.bytes(784)], natural: 10, classes: 10 },
    ...{ naturalGiven: false, index: number, r: reduce(stream.bytes(64)), seed: 99n },
  });
  return { sessionHead: 5n, ...pair };
}

function neuronsStatement(number: number): CircuitInputs {
  const stream = new SeededStream('bench/neurons', [number]);
  const element = (): bigint => reduce(stream.bytes(64));
  return twin.block({
    ...{ A: 10, S: 10, rho: element(), offset: element() },
    ...{ digestSalt: element(), sumSalt: element() },
    accs: Array.from({ length: 1068 }, () => BigInt(stream.below(2 ** 21) - 2 ** 20)),
    beta: Array.from({ length: 1068 }, element),
  });
}

async function benchCircuit(
  name: string,
  statement: (number: number) => CircuitInputs,
  folder: string,
): Promise<void> {
  const circuit = await openCircuit(findInstance(name));
  const pool = new WorkerPool();
  try {
    const setup = await seconds(() => setupDev({ circuit, folder, pool }));
    const key = await openProvingKey(folder, circuit);
    const statements = Array.from({ length: count }, (_, i) => statement(i));
    const constraints = await constraintsOf(name);
    print(
      `\n${name}: ${constraints} constraints, ${count} proofs; development key in ${setup.toFixed(1)} s\n`,
    );
    print('| prover | s a proof | constraints/s | × fullProve | peak memory |');
    print('| --- | ---: | ---: | ---: | ---: |');
    const row = (prover: string, total: number, base: number, memory: string): void => {
      const each = total / count;
      const rate = Math.round(constraints / each);
      print(
        `| ${prover} | ${each.toFixed(2)} | ${rate} | ${(base / total).toFixed(2)} | ${memory} |`,
      );
    };
    const plain = await seconds(() =>
      withSnarkjs(async () => {
        for (const inputs of statements) await groth16.fullProve(inputs, circuit.wasm, key.zkey);
      }),
    );
    row('snarkjs fullProve, one after another', plain, plain, '');
    await proveAll(statements.slice(0, pool.workers), { pool, key }); // starts the processes
    let proved: Awaited<ReturnType<typeof proveAll>> = [];
    const pooled = await seconds(async () => {
      proved = await proveAll(statements, { pool, key });
    });
    row(`pool of ${pool.workers}`, pooled, plain, `${workerMemory()} MB a process`);
    const native = rapidsnark();
    if (native)
      row('rapidsnark', await rapidsnarkSeconds(native, statements, key, folder), plain, '');
    else print('| rapidsnark | not on the path, nor in $RAPIDSNARK | | | |');
    await verifiers(key, proved);
    const witness = await WitnessCalculator.load(readFileSync(circuit.wasm));
    const time = await seconds(async () => {
      for (const inputs of statements) await witness.calculate(inputs);
    });
    print(`witness: ${((1000 * time) / count).toFixed(0)} ms`);
  } finally {
    await pool.close();
  }
}

async function verifiers(
  key: ProvingKey,
  proved: Awaited<ReturnType<typeof proveAll>>,
): Promise<void> {
  const statements = proved.map(({ proof, publics }) => ({
    proof: decodeProof(proof),
    inputs: publics,
  }));
  const { verificationKey } = key;
  const one = await seconds(() => {
    for (const each of statements) verifyProof({ key: verificationKey, ...each });
  });
  const batch = await seconds(() => {
    verifyProofs({ key: verificationKey, statements });
  });
  const snarkjs = await withSnarkjs(async () => {
    const json = await zKey.exportVerificationKey(key.zkey);
    return seconds(async () => {
      for (const { proof, inputs } of statements) {
        await groth16.verify(json, inputs.map(String), proofToSnarkjs(proof));
      }
    });
  });
  const each = (time: number): string => `${((1000 * time) / count).toFixed(1)} ms`;
  print(
    `\nverification of a proof: noble ${each(one)}, in a batch of ${count} ${each(batch)}, snarkjs ${each(snarkjs)}`,
  );
}

async function constraintsOf(name: string): Promise<number> {
  const { readCircuitManifest } = await import('../src/proof/circuits/index.js');
  return (await readCircuitManifest()).circuits[name]?.constraints ?? 0;
}

/** The largest resident memory of any process of the pool, MB. */
function workerMemory(): number {
  const path = `/proc/${process.pid}/task/${process.pid}/children`;
  const peaks = readFileSync(path, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map((pid) => /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0');
  return Math.round(Math.max(0, ...peaks.map(Number)) / 1024);
}

function rapidsnark(): string | undefined {
  const named = process.env['RAPIDSNARK'];
  if (named !== undefined) return named;
  const folders = (process.env['PATH'] ?? '').split(':');
  const found = folders.find((folder) => {
    try {
      return readdirSync(folder).includes('rapidsnark');
    } catch {
      return false;
    }
  });
  return found === undefined ? undefined : join(found, 'rapidsnark');
}

async function rapidsnarkSeconds(
  binary: string,
  statements: readonly CircuitInputs[],
  key: ProvingKey,
  folder: string,
): Promise<number> {
  const calculator = await WitnessCalculator.load(readFileSync(key.circuit.wasm));
  const at = (name: string): string => join(folder, name);
  return seconds(async () => {
    for (const inputs of statements) {
      writeFileSync(at('wtns'), encodeWitness(await calculator.calculate(inputs)), { mode: 0o600 });
      execFileSync(binary, [key.zkey, at('wtns'), at('proof.json'), at('public.json')]);
    }
  });
}

async function seconds(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
