import { buildBn128, type Curve } from 'ffjavascript';
import { groth16 } from 'snarkjs';

import { readFileLimited } from '../../files/index.js';
import { encodeProof } from '../groth16-proof.js';
import { proofFromSnarkjs } from '../snarkjs-format.js';
import { type CircuitInputs, encodeWitness, WitnessCalculator } from './witness.js';

export interface ProveTask {
  /** Path of the circuit's WebAssembly. */
  readonly wasm: string;
  /** Path of snarkjs's zkey file. */
  readonly zkey: string;
  /** Secret. */
  readonly inputs: CircuitInputs;
}

export interface Proved {
  /** 256 bytes, see docs/spec/groth16.md. */
  readonly proof: Uint8Array;
  /** Public signals in the circuit's order. */
  readonly publics: readonly bigint[];
}

/** What a process keeps from one job to the next: public files, never a witness. */
let kept:
  { wasm: string; zkey: string; calculator: WitnessCalculator; key: Uint8Array } | undefined;

let curve: Curve | undefined;

/**
 * Computes the witness in memory and proves with snarkjs on this thread alone. Throws as `WitnessCalculator` does:
 * `EvidenceError` `circuit.unsatisfied` for a false statement.
 */
export async function prove({ wasm, zkey, inputs }: ProveTask): Promise<Proved> {
  if (kept?.wasm !== wasm || kept.zkey !== zkey) {
    const program = await readFileLimited(wasm, { limit: 2 ** 30, what: 'compiled circuit' });
    const key = await readFileLimited(zkey, { limit: 2 ** 32, what: 'proving key' });
    kept = { wasm, zkey, calculator: await WitnessCalculator.load(program), key };
  }
  // snarkjs takes the curve that it finds here. Its own option for one thread would build the curve anew for each proof.
  curve ??= await buildBn128(true);
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = curve;
  const witness = encodeWitness(await kept.calculator.calculate(inputs));
  const { proof, publicSignals } = await groth16.prove(kept.key, witness);
  return { proof: encodeProof(proofFromSnarkjs(proof)), publics: publicSignals.map(BigInt) };
}
