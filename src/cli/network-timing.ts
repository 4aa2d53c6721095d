import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { VeilmarkError } from '../base/index.js';
import { fieldOrder } from '../crypto/index.js';
import { type IntegerNetwork, project, runNetwork } from '../network/index.js';
import {
  type CompiledCircuit,
  findInstance,
  openCircuit,
  readCircuitManifest,
} from '../proof/circuits/index.js';
import { atPoint, decodeProof, type Layout, neuronsSignals, verifyProofs } from '../proof/index.js';
import { openProvingKey, type ProvingKey } from '../proof/keys/key-folder.js';
import { proveAll } from '../proof/proving/prove-all.js';
import type { CircuitInputs } from '../proof/proving/witness.js';
import { WorkerPool } from '../proof/workers/index.js';
import { publicAbstractImages } from './calibration.js';
import type { TriggerCost } from './network-cost.js';
import { note } from './terminal.js';

/** How fast this machine is, by some proofs that it made and verified. */
export interface Speed {
  /** Constraints proven a second, on all cores together. */
  readonly constraints: number;
  /** Seconds to verify one of many proofs of a circuit. */
  readonly verify: number;
}

/** Proofs that are verified together, as the verifier does with those of one circuit. */
const verifiedTogether = 16;

/**
 * Proves blocks of the network on every core and verifies them, with a proving key of the folder, or else with a development key
 * made for it and thrown away. Nothing where none of the circuits is compiled.
 */
export async function measureSpeed(
  network: IntegerNetwork,
  { keys, costs }: { keys: string; costs: readonly TriggerCost[] },
): Promise<Speed | undefined> {
  const pool = new WorkerPool();
  const temporary = await mkdtemp(join(tmpdir(), 'veilmark-'));
  try {
    const found = await keyFor(costs, { keys, temporary, pool });
    if (!found) {
      note('no times are estimated: the circuits are not compiled (`npm run circuits`)');
      return undefined;
    }
    return await timeProofs({ ...found, network, pool });
  } finally {
    await pool.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Timed {
  readonly key: ProvingKey;
  readonly cost: TriggerCost;
}

async function timeProofs({
  key,
  cost,
  network,
  pool,
}: Timed & { network: IntegerNetwork; pool: WorkerPool }): Promise<Speed | undefined> {
  const { circuits } = await readCircuitManifest();
  const constraints = circuits[key.circuit.instance.name]?.constraints ?? 0;
  const signals = blockSignals(network, cost);
  const statements = Array.from({ length: pool.workers }, () => signals);
  await proveAll(statements, { pool, key }); // loads the key and the program
  const [seconds, proved] = await timed(() => proveAll(statements, { pool, key }));
  const [first] = proved;
  if (!first) return undefined;
  const statement = { proof: decodeProof(first.proof), inputs: first.publics };
  const verify = (count: number): void => {
    const verified = Array.from({ length: count }, () => statement);
    verifyProofs({ key: key.verificationKey, statements: verified });
  };
  verify(1);
  const [verifying] = await timed(() => {
    verify(verifiedTogether);
  });
  return {
    constraints: (pool.workers * constraints) / seconds,
    verify: verifying / verifiedTogether,
  };
}

/** The proving key of the cheapest instance that has one, or a development key of the cheapest that is compiled. */
async function keyFor(
  costs: readonly TriggerCost[],
  { keys, temporary, pool }: { keys: string; temporary: string; pool: WorkerPool },
): Promise<Timed | undefined> {
  const compiled: { circuit: CompiledCircuit; cost: TriggerCost }[] = [];
  for (const cost of costs) {
    const circuit = await orNothing(openCircuit(findInstance(cost.neurons)));
    if (!circuit) continue;
    compiled.push({ circuit, cost });
    const key = await orNothing(openProvingKey(keys, circuit));
    if (key) return { key, cost };
  }
  const [cheapest] = compiled;
  if (!cheapest) return undefined;
  const { circuit, cost } = cheapest;
  const { setupDev } = await import('../proof/keys/setup.js'); // snarkjs loads slowly
  await setupDev({ circuit, folder: temporary, pool });
  return { key: await openProvingKey(temporary, circuit), cost };
}

/** What is not there, or was damaged, cannot be timed with. */
async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof VeilmarkError) return undefined;
    throw error;
  }
}

/** The first block of an abstract image at some point: what is proven in a session, without its secrets. */
function blockSignals(network: IntegerNetwork, { blockSize }: TriggerCost): CircuitInputs {
  const { A, shape, classes } = network;
  const padded = Math.ceil(network.neurons / blockSize) * blockSize;
  const layout: Layout = {
    ...{ blockSize, blocks: 1, padded, room: classes, batchRoom: 1 },
    ...{ folds: [], last: [0] },
  };
  const [image = { shape, pixels: new Uint8Array() }] = publicAbstractImages(1, shape);
  const { q, rem } = runNetwork(network, image);
  const edge = 2 ** A;
  const field = (value: number): bigint => (BigInt(value) + fieldOrder) % fieldOrder;
  const unused = new Array<bigint>(padded - network.neurons).fill(0n);
  const opening = { index: 0, image, natural: 0, r: 0n };
  const witness = {
    ...({ opening, match: 0n, logits: [], salts: () => 1n } as const),
    q: [...Array.from(q, (one) => field(Math.min(Math.max(one, -edge), edge - 1))), ...unused],
    rem: [...Array.from(rem, field), ...unused],
  };
  const rho = fieldOrder / 3n;
  const point = { rho, projection: project(network, rho, { neurons: padded, room: classes }) };
  return neuronsSignals(atPoint(network, { layout, point, witness }), layout, point, 0);
}

async function timed<T>(work: () => T | Promise<T>): Promise<[seconds: number, result: T]> {
  const started = performance.now();
  const result = await work();
  return [(performance.now() - started) / 1000, result];
}
