import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { bytesToHex, equalBytes, EvidenceError } from '../../base/index.js';
import { readFileLimited, writeFileAtomic } from '../../files/index.js';
import { type CompiledCircuit, readCircuitManifest } from '../circuits/index.js';
import {
  decodeVerificationKey,
  maxVerificationKeyBytes,
  type VerificationKey,
} from '../verification-key.js';

/** A proving key beside the verification key that was written with it. */
export interface ProvingKey {
  readonly circuit: CompiledCircuit;
  /** snarkjs's zkey file. */
  readonly zkey: string;
  readonly verificationKey: VerificationKey;
}

/** Where a folder of keys holds those of an instance. */
export function keyPaths(folder: string, name: string): Record<'zkey' | 'key' | 'digest', string> {
  return {
    zkey: join(folder, `${name}.zkey`),
    key: join(folder, `${name}.key`),
    /** SHA-512 of both files, in the form of `sha512sum`. */
    digest: join(folder, `${name}.zkey.sha512`),
  };
}

/**
 * Writes a proving key, the digests of both, and last the verification key, by which a reader knows that all is there. Throws
 * `EnvironmentError` `file.write`.
 */
export async function writeKeys(
  folder: string,
  name: string,
  { zkey, key }: { zkey: Uint8Array; key: Uint8Array },
): Promise<void> {
  const paths = keyPaths(folder, name);
  await writeFileAtomic(paths.zkey, zkey);
  await writeFileAtomic(paths.digest, digestLines(name, { zkey, key }));
  await writeFileAtomic(paths.key, key);
}

/** What `sha512sum` prints of both files: it ties them to each other. */
function digestLines(name: string, files: Record<'zkey' | 'key', Uint8Array>): string {
  const line = (kind: 'zkey' | 'key'): string =>
    `${createHash('sha512').update(files[kind]).digest('hex')}  ${name}.${kind}\n`;
  return line('zkey') + line('key');
}

/**
 * Reads a verification key file. Throws as `decodeVerificationKey` does, or `InputError` `file.missing`.
 */
export async function readVerificationKey(path: string): Promise<VerificationKey> {
  const limit = maxVerificationKeyBytes;
  return decodeVerificationKey(await readFileLimited(path, { limit, what: 'verification key' }));
}

/**
 * Refuses a key that was made for another circuit than this version of veilmark pins under that name: what its proofs show is
 * unknown. Throws `EvidenceError` `key.circuit`.
 */
export async function checkKeyCircuit({ instance, r1cs }: VerificationKey): Promise<void> {
  const { circuits } = await readCircuitManifest();
  if (circuits[instance]?.r1cs === bytesToHex(r1cs)) return;
  throw new EvidenceError({
    code: 'key.circuit',
    message: `the key is of a circuit ${instance} that this version of veilmark does not pin`,
    hint: 'use a key for the circuits of this version (keys/manifest.json)',
  });
}

/**
 * The proving key of a circuit in a folder. That a key of a ceremony gives nothing away is what `setup ceremony verify` checks,
 * once; here only that the files are those that it wrote. Throws `InputError` `file.missing`; `EvidenceError` `key.circuit` for keys of
 * another circuit or of this one before it was changed, `key.damaged` for a zkey file that is not the one that was written.
 */
export async function openProvingKey(
  folder: string,
  circuit: CompiledCircuit,
): Promise<ProvingKey> {
  const { name } = circuit.instance;
  const paths = keyPaths(folder, name);
  const verificationKey = await readVerificationKey(paths.key);
  if (verificationKey.instance !== name || !equalBytes(verificationKey.r1cs, circuit.digest)) {
    throw new EvidenceError({
      code: 'key.circuit',
      message: `${paths.key} is of another circuit than ${name} as it is compiled here`,
      hint: 'the circuit was changed: make its keys again',
    });
  }
  const what = 'digests of a proving key';
  const noted = await readFileLimited(paths.digest, { limit: 1000, what });
  const zkey = await readFile(paths.zkey).catch(() => new Uint8Array());
  const found = digestLines(name, { zkey, key: verificationKey.bytes });
  if (new TextDecoder().decode(noted) !== found) {
    throw new EvidenceError({
      code: 'key.damaged',
      message: `${paths.zkey} and ${paths.key} are not the files that ${paths.digest} names: one is missing, truncated, changed, or of another setup`,
      hint: 'make the keys again, or copy them again and compare with sha512sum -c',
    });
  }
  return { circuit, zkey: paths.zkey, verificationKey };
}
