import { readFile } from 'node:fs/promises';

import { zKey } from 'snarkjs';

import { bytesToHex, EvidenceError } from '../../base/index.js';
import { mustBeWritable } from '../../files/index.js';
import { type CompiledCircuit, parseR1cs, readCircuitManifest } from '../circuits/index.js';
import { keyFromSnarkjs } from '../snarkjs-format.js';
import { encodeVerificationKey, verificationKeyDigest } from '../verification-key.js';
import type { WorkerPool } from '../workers/index.js';
import { devProvingKey } from './dev-setup.js';
import { keyPaths, writeKeys } from './key-folder.js';
import { withSnarkjs } from './snarkjs-session.js';

/** The seed of the development keys that the project pins; like every such seed it lets anyone prove anything. */
export const devSeed = 'veilmark';

/**
 * Makes the development keys of a circuit in a folder. The same seed gives the same files. Throws `EvidenceError`
 * `key.pinned`, `EnvironmentError` `proof.worker`, `file.write`.
 */
export async function setupDev({
  circuit,
  folder,
  pool,
  seed = devSeed,
  onProgress,
}: {
  circuit: CompiledCircuit;
  folder: string;
  pool: WorkerPool;
  seed?: string | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}): Promise<void> {
  await mustBeWritable(keyPaths(folder, circuit.instance.name).zkey);
  const r1cs = parseR1cs(new Uint8Array(await readFile(circuit.r1cs)));
  const { name } = circuit.instance;
  const zkey = await devProvingKey({ name, r1cs, seed, pool, onProgress });
  const key = await verificationKeyOf(zkey, circuit, 'dev');
  if (seed === devSeed) await checkPinned(name, key);
  await writeKeys(folder, name, { zkey, key });
}

/** The arithmetic is exact, so a key that differs from the pinned one was computed wrongly. */
async function checkPinned(name: string, key: Uint8Array): Promise<void> {
  const pinned = (await readCircuitManifest()).circuits[name]?.devKey;
  if (!pinned || pinned.key === bytesToHex(verificationKeyDigest(key))) return;
  throw new EvidenceError({
    code: 'key.pinned',
    message: `the development key of ${name} is not the one that keys/manifest.json pins`,
    hint: 'this machine computed wrongly or the program was changed: run npm test',
  });
}

/** The verification key file of a zkey. */
export async function verificationKeyOf(
  zkey: string | Uint8Array,
  { instance, digest }: CompiledCircuit,
  stamp: 'dev' | 'ceremony',
): Promise<Uint8Array> {
  const json = await withSnarkjs(() => zKey.exportVerificationKey(zkey));
  return encodeVerificationKey(
    keyFromSnarkjs(json, { instance: instance.name, stamp, r1cs: digest }),
  );
}
