import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { bytesToHex } from '../../base/index.js';
import { mustBeWritable, mustNotExist, writeFileAtomic } from '../../files/index.js';
import { type CompiledCircuit, readCircuitManifest } from '../circuits/index.js';
import { decodeVerificationKey, type VerificationKey } from '../verification-key.js';
import { type CeremonySource, checkCeremony, type CheckedZkey } from './ceremony.js';
import { checkComplete } from './ceremony-rules.js';
import { keyPaths, writeKeys } from './key-folder.js';
import { verificationKeyOf } from './setup.js';

/** Where a folder of keys says how those of an instance were made. */
export function ceremonyPath(folder: string, name: string): string {
  return join(folder, `${name}.ceremony.json`);
}

/**
 * Checks a ceremony to its end and makes its keys, stamped `ceremony`, with a record of it. Nothing is overwritten, and
 * nothing left behind where one cannot be written. Throws as `checkCeremony` and `checkComplete`; `InputError`
 * `file.exists`; `EvidenceError` `key.degenerate` where contributions cancel out.
 */
export async function finishCeremony({
  file,
  folder,
  expected,
  ...source
}: CeremonySource & { file: string; folder: string; expected: readonly string[] }): Promise<{
  key: VerificationKey;
  checked: CheckedZkey;
}> {
  const { circuit } = source;
  const { name } = circuit.instance;
  const paths = [ceremonyPath(folder, name), ...Object.values(keyPaths(folder, name))];
  for (const path of paths) await mustNotExist(path);
  await mustBeWritable(join(folder, name));
  const checked = await checkCeremony({ ...source, file });
  checkComplete(file, checked.contributions, expected);
  const zkey = checked.zkey.bytes;
  const key = decodeVerificationKey(await verificationKeyOf(zkey, circuit, 'ceremony'));
  const record = await ceremonyRecord(checked, circuit, key);
  try {
    await writeFileAtomic(ceremonyPath(folder, name), record, { exclusive: true });
    await writeKeys(folder, name, { zkey, key: key.bytes });
  } catch (error) {
    for (const path of paths) await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
  return { key, checked };
}

/** What a stranger needs to check the keys again; digests are SHA-512 of files unless said otherwise. */
async function ceremonyRecord(
  { zkey, ptau, contributions }: CheckedZkey,
  { instance, digest }: CompiledCircuit,
  key: VerificationKey,
): Promise<string> {
  const { compiler, flags } = await readCircuitManifest();
  const record = {
    format: 'veilmark/ceremony/1',
    circuit: instance.name,
    compiler: [compiler, ...flags].join(' '),
    r1cs: bytesToHex(digest),
    ptau: ptau.sha512,
    contributions,
    zkey: createHash('sha512').update(zkey.bytes).digest('hex'),
    /** As `VerificationKey.digest`. */
    key: bytesToHex(key.digest),
  };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
