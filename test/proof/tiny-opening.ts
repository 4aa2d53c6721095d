import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { deriveLabel, labelCommitment, triggerCommitment } from '../../src/commitment/index.js';
import { type CompiledCircuit, findInstance, openCircuit } from '../../src/proof/circuits/index.js';
import { openProvingKey, type ProvingKey, setupDev } from '../../src/proof/keys/index.js';
import type { CircuitInputs } from '../../src/proof/proving/index.js';
import { WorkerPool } from '../../src/proof/workers/index.js';
import { compileCircuit, sourceOf } from '../../scripts/compile-circuit.js';

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
  const [classes, seed, r] = [4, 99n, BigInt(1000 + number)];
  const pixels = Uint8Array.of(number & 255, 255, 0, 7);
  const image = { shape: { height: 2, width: 2, channels: 1 as const }, pixels };
  const { label, u } = deriveLabel({ seed, index: number, r, natural: classes, classes });
  return {
    sessionHead: 5n,
    triggerCommitment: triggerCommitment({ image, natural: classes, r }),
    labelCommitment: labelCommitment(label, u),
    index: BigInt(number),
    seed,
    classes: BigInt(classes),
    naturalGiven: 0n,
    pixels: [...pixels].map(BigInt),
    natural: BigInt(classes),
    r,
  };
}
