import { readFile } from 'node:fs/promises';

import { zKey } from 'snarkjs';

import { bytesToHex, InputError } from '../../base/index.js';
import { systemRandom } from '../../crypto/index.js';
import {
  mustBeWritable,
  mustNotExist,
  readFileLimited,
  writeFileAtomic,
} from '../../files/index.js';
import { type CompiledCircuit, domainSize, parseR1cs } from '../circuits/index.js';
import { askSnarkjs } from './ask-snarkjs.js';
import { checkFollows } from './check-zkey.js';
import {
  checkBeacon,
  checkName,
  mustHaveContribution,
  mustHaveNoBeacon,
} from './ceremony-rules.js';
import { type Contribution, readContributions } from './contributions.js';
import { openPtau, type Ptau, type PtauSource } from './ptau-file.js';
import { withSnarkjs } from './snarkjs-session.js';
import { readZkey, refuseZkey, type ZkeyFile } from './zkey-layout.js';

/** What a ceremony is about: everybody who takes part or checks names the same two. */
export interface CeremonySource {
  readonly circuit: CompiledCircuit;
  readonly ptau: PtauSource;
}

/** A zkey whose ceremony was checked from the circuit on. */
export interface CheckedZkey {
  readonly zkey: ZkeyFile;
  readonly ptau: Ptau;
  readonly contributions: readonly Contribution[];
}

/** Most bytes of a zkey; Node reads no larger file at once. */
const maxZkeyBytes = 2 ** 31 - 1;

/**
 * Begins a ceremony: writes the zkey that a circuit and a powers-of-tau file give, with γ = δ. With it anyone proves
 * anything, until somebody contributes. Throws as `openPtau`, `InputError` `file.exists`, `EnvironmentError` `file.write`.
 */
export async function beginCeremony({
  file,
  ...source
}: CeremonySource & { file: string }): Promise<void> {
  await mustBeNew(file);
  const ready = await prepare(source);
  const initial = await withSnarkjs(() => initialZkey(ready));
  await writeFileAtomic(file, initial.bytes, { exclusive: true });
}

/**
 * Adds a contribution of the system's randomness to a zkey and gives its hash, hexadecimal, which the contributor makes
 * public. All that came before is checked first: a contributor multiplies every point of the file by his secret, and over
 * points of someone's choice that forges proofs. Throws as `checkCeremony`; `InputError` `ceremony.name`, `file.exists`.
 */
export async function contribute({
  before,
  after,
  name,
  ...source
}: CeremonySource & { before: string; after: string; name: string }): Promise<string> {
  checkName(name);
  await mustBeNew(after);
  const zkey = await openZkey(before);
  const ready = await prepare(source);
  return withSnarkjs(async () => {
    const contributions = await checkFollows(zkey, await initialZkey(ready), ready.ptau);
    mustHaveNoBeacon(before, contributions);
    // snarkjs hashes this with 64 bytes that it draws from the system itself.
    const entropy = bytesToHex(systemRandom(64));
    return apply({ zkey, after }, (made, logger) =>
      zKey.contribute(zkey.bytes, made, name, entropy, logger),
    );
  });
}

/**
 * Ends the contributions with one from a public value, e.g. of a lottery or a later block of a chain, named beforehand.
 * Gives its hash. Throws `EvidenceError` `key.damaged`, `key.degenerate`, `ceremony.beacon`; `InputError`
 * `ceremony.beacon-value`, `file.exists`.
 */
export async function applyBeacon({
  before,
  after,
  value,
  iterationsLog2,
}: {
  before: string;
  after: string;
  /** Hexadecimal, 1 to 255 bytes. */
  value: string;
  /** 2^10 to 2^24 hashes of the value, so that nobody can try many. */
  iterationsLog2: number;
}): Promise<string> {
  checkBeacon(value, iterationsLog2);
  await mustBeNew(after);
  const zkey = await openZkey(before);
  const contributions = readContributions(zkey);
  mustHaveNoBeacon(before, contributions);
  mustHaveContribution(before, contributions);
  return withSnarkjs(() =>
    apply({ zkey, after }, (made, logger) =>
      zKey.beacon(zkey.bytes, made, 'beacon', value, iterationsLog2, logger),
    ),
  );
}

/**
 * Checks a zkey from the circuit and the powers of tau on, with any number of contributions. Throws as `openPtau` and
 * `checkFollows`, and `InputError` `file.missing`.
 */
export async function checkCeremony({
  file,
  ...source
}: CeremonySource & { file: string }): Promise<CheckedZkey> {
  const zkey = await openZkey(file);
  const ready = await prepare(source);
  const contributions = await withSnarkjs(async () =>
    checkFollows(zkey, await initialZkey(ready), ready.ptau),
  );
  return { zkey, ptau: ready.ptau, contributions };
}

/** The source of a ceremony, read and checked. */
interface Ready {
  readonly name: string;
  readonly r1cs: Uint8Array;
  readonly ptau: Ptau;
}

export async function prepare({ circuit, ptau }: CeremonySource): Promise<Ready> {
  const r1cs = new Uint8Array(await readFile(circuit.r1cs));
  const { name } = circuit.instance;
  return { name, r1cs, ptau: await openPtau(ptau, domainSize(parseR1cs(r1cs))) };
}

/** The zkey without contributions, in memory. Runs within `withSnarkjs`. */
export async function initialZkey({ name, r1cs, ptau }: Ready): Promise<ZkeyFile> {
  const made: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
  const { value, cause } = await askSnarkjs((logger) =>
    zKey.newZKey(r1cs, ptau.path, made, logger),
  );
  if (!(value instanceof Uint8Array) || !made.data) {
    throw new InputError({
      code: 'ptau.format',
      message: `no key can be made of ${ptau.path} for ${name}`,
      hint: 'check the file with: npx snarkjs powersoftau verify',
      cause,
    });
  }
  return readZkey(made.data, 'the initial key');
}

/** Reads a zkey file. Throws `InputError` `file.missing`, `EvidenceError` `key.damaged`. */
export async function openZkey(path: string): Promise<ZkeyFile> {
  return readZkey(await readFileLimited(path, { limit: maxZkeyBytes, what: 'zkey file' }), path);
}

/** Writes what snarkjs makes of a zkey; gives the hash of the contribution that it then ends with. */
async function apply(
  { zkey, after }: { zkey: ZkeyFile; after: string },
  work: (
    made: { type: 'mem'; data?: Uint8Array },
    logger: Parameters<Parameters<typeof askSnarkjs>[0]>[0],
  ) => Promise<Uint8Array>,
): Promise<string> {
  const made: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
  const { value, cause } = await askSnarkjs((logger) => work(made, logger));
  if (!(value instanceof Uint8Array) || !made.data) {
    return refuseZkey(zkey.path, 'cannot be contributed to', cause);
  }
  const hash = bytesToHex(value);
  const last = readContributions(readZkey(made.data, after)).at(-1);
  if (last?.hash !== hash)
    throw new Error('the contribution was written otherwise than it was hashed');
  await writeFileAtomic(after, made.data, { exclusive: true });
  return hash;
}

async function mustBeNew(path: string): Promise<void> {
  await mustNotExist(path);
  await mustBeWritable(path);
}
