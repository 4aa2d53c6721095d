import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type CompiledCircuit, findInstance, openCircuit } from '../../src/proof/circuits/index.js';
import { openProvingKey, type ProvingKey, setupDev } from '../../src/proof/keys/index.js';
import type { CircuitInputs } from '../../src/proof/proving/index.js';
import { WorkerPool } from '../../src/proof/workers/index.js';
import { compileCircuit, sourceOf } from '../../scripts/compile-circuit.js';
import { openPair } from '../twin/circuits.js';

/** The compiled tiny instance of a circuit. */
export async function tinyCircuit(name: string): Promise<CompiledCircuit> {
  const instance = findInstance(name);
  await compileCircuit(sourceOf(instance));
  return openCircuit(instance);
}

/** Development keys of a tiny instance in a new temporary folder. */
export async function tinyKey(name: string): Promise<{ folder: string; key: ProvingKey }> {
  const folder = mkdtempSync(join(tmpdir(), 'veilmark-keys-'));
  const circuit = await tinyCircuit(name);
  const pool = new WorkerPool();
  try {
    await setupDev({ circuit, folder, pool });
  } finally {
    await pool.close();
  }
  return { folder, key: await openProvingKey(folder, circuit) };
}

/** A true statement of `opening-tiny`, another for each number. */
export function tinyOpening(number: number): CircuitInputs {
  const pair = openPair({
    ...{ shape: [2, 2, 1], pixels: [number & 255, 255, 0, 7], natural: 4, classes: 4 },
    ...{ naturalGiven: false, index: number, r: BigInt(1000 + number), seed: 99n },
  });
  return { sessionHead: 5n, ...pair };
}
