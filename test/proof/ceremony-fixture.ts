import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { curves, groth16, powersOfTau, wtns } from 'snarkjs';

import { compileCircuit } from '../../scripts/compile-circuit.js';
import type { CompiledCircuit } from '../../src/proof/circuits/index.js';
import type { PtauSource } from '../../src/proof/keys/index.js';
import { withSnarkjs } from '../../src/proof/keys/snarkjs-session.js';
import { littleEndian } from '../../src/proof/keys/zkey-file.js';
import { readZkey, sectionNames, type ZkeyFile } from '../../src/proof/keys/zkey-layout.js';
import { coordinatePrime } from '../../src/proof/keys/montgomery.js';
import type { G1 } from '../../src/proof/points.js';
import { proofFromSnarkjs, verifyProof } from '../../src/proof/index.js';
import type { VerificationKey } from '../../src/proof/index.js';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'veilmark keys-'));
  folders.push(folder);
  return folder;
}

/** Whether a public label is that of the largest of three private logits: some 20 constraints. */
export async function labelCircuit(bits: number): Promise<CompiledCircuit> {
  const name = `test-key-label-${bits}`;
  const file = 'templates/largest-logit.circom';
  const parameters = [3, bits];
  const made = await compileCircuit({
    ...{ name, file, parameters },
    template: 'LargestLogit',
    publics: ['label'],
  });
  const digest = new Uint8Array(createHash('sha512').update(readFileSync(made.r1cs)).digest());
  return { ...made, digest, instance: { name, circuit: 'fold', parameters } };
}

/** Powers of tau by snarkjs, prepared for phase 2 and as they are before. */
export async function powers(
  folder: string,
  power: number,
): Promise<{ ptau: PtauSource; unprepared: PtauSource }> {
  const at = (step: string): string => join(folder, `${power}-${step}.ptau`);
  await withSnarkjs(async () => {
    const curve = await curves.getCurveFromName('bn128');
    await powersOfTau.newAccumulator(curve, power, at('new'));
    await powersOfTau.contribute(at('new'), at('unprepared'), 'test', `entropy ${folder}`);
    await powersOfTau.preparePhase2(at('unprepared'), at('final'));
  });
  return { ptau: ptauSource(at('final')), unprepared: ptauSource(at('unprepared')) };
}

/** A file with the hash that it has. */
export function ptauSource(path: string): PtauSource {
  return { path, sha512: createHash('sha512').update(readFileSync(path)).digest('hex') };
}

/** snarkjs proves with a zkey, and our verifier accepts under the key. */
export async function proveAndVerify(
  { wasm }: CompiledCircuit,
  { zkey, key }: { zkey: string; key: VerificationKey },
): Promise<void> {
  const proved = await withSnarkjs(async () => {
    const witness: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
    await wtns.calculate({ match: 1n, label: 1n, logits: [1n, 6n, 4n] }, wasm, witness);
    return groth16.prove(zkey, witness);
  });
  const inputs = proved.publicSignals.map(BigInt);
  verifyProof({ key, proof: proofFromSnarkjs(proved.proof), inputs });
}

/** The zkey in a buffer of its own, whose sections can be written to. */
export function copyOf({ bytes }: ZkeyFile): ZkeyFile {
  return readZkey(bytes.slice(), 'a changed zkey');
}

/** A zkey file of these sections, whatever is in them. */
export function joinSections(sections: ZkeyFile['sections']): Uint8Array {
  const parts: Uint8Array[] = [new TextEncoder().encode('zkey'), u32(1), u32(10)];
  for (const id of Object.keys(sectionNames)) {
    const bytes = sections[Number(id) as keyof typeof sections];
    parts.push(u32(Number(id)), u32(bytes.length), u32(0), bytes);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** A coordinate as a zkey holds it. */
export function toMontgomery(value: bigint): Uint8Array {
  return littleEndian((value << 256n) % coordinatePrime);
}

/** A point as a zkey holds it. */
export function toZkey(point: G1): Uint8Array {
  const { x, y } = point.toAffine();
  return new Uint8Array(Buffer.concat([toMontgomery(x), toMontgomery(y)]));
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
