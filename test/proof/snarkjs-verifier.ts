import { groth16 } from 'snarkjs';

import { VeilmarkError } from '../../src/base/index.js';
import { verifyProof } from '../../src/proof/groth16.js';
import {
  keyFromSnarkjs,
  proofFromSnarkjs,
  type SnarkjsKey,
} from '../../src/proof/snarkjs-format.js';
import { key, keyNames, type SnarkjsStatement, vector } from './groth16-vector.js';

/** What both verifiers are given. */
export interface Case extends SnarkjsStatement {
  readonly key: SnarkjsKey;
}

/** snarkjs's answer; it throws for some false proofs. */
export async function snarkjsAccepts({ key, proof, inputs }: Case): Promise<boolean> {
  try {
    return await groth16.verify(key, inputs, proof);
  } catch {
    return false;
  }
}

/** Our answer: `accepted`, or the code of the refusal. */
export function ourAnswer({ key: json, proof, inputs }: Case): string {
  try {
    verifyProof({
      // The unchanged key is decoded already.
      key: json === vector.key ? key : keyFromSnarkjs(json, keyNames),
      proof: proofFromSnarkjs(proof),
      inputs: inputs.map(BigInt),
    });
    return 'accepted';
  } catch (error) {
    if (error instanceof VeilmarkError) return error.code;
    throw error;
  }
}

/** Ends snarkjs's workers, without which mocha does not end. */
export async function endSnarkjs(): Promise<void> {
  const { curve_bn128: curve } = globalThis as { curve_bn128?: { terminate(): Promise<void> } };
  await curve?.terminate();
}
