import { concatBytes, InputError } from '../base/index.js';
import {
  decodeG1,
  decodeG2,
  encodeG1,
  encodeG2,
  type G1,
  g1Bytes,
  type G2,
  g2Bytes,
} from './points.js';

/** A Groth16 proof (eprint 2016/260 section 3.2): [A]₁, [B]₂, [C]₁. */
export interface Groth16Proof {
  readonly a: G1;
  readonly b: G2;
  readonly c: G1;
}

/** Bytes of an encoded proof. */
export const proofBytes = g1Bytes + g2Bytes + g1Bytes;

const decoded = new WeakSet<Groth16Proof>();

/** Whether a proof came out of `decodeProof`, which checks its points; one put together elsewhere did not. */
export function isDecodedProof(proof: Groth16Proof): boolean {
  return decoded.has(proof);
}

/** A || B || C, 256 bytes, the points as in `points.ts`. */
export function encodeProof({ a, b, c }: Groth16Proof): Uint8Array {
  return concatBytes(encodeG1(a), encodeG2(b), encodeG1(c));
}

/**
 * Reads a proof and checks its three points. Throws `InputError` `proof.format` for another length than 256 bytes,
 * `EvidenceError` `proof.point` as `decodeG1` and `decodeG2` do.
 */
export function decodeProof(bytes: Uint8Array): Groth16Proof {
  if (bytes.length !== proofBytes) {
    throw new InputError({
      code: 'proof.format',
      message: `a proof has ${proofBytes} bytes, got ${bytes.length}`,
    });
  }
  const code = 'proof.point';
  // Both points of G1 first: they cost microseconds, the subgroup check of B milliseconds.
  const a = decodeG1(bytes.subarray(0, g1Bytes), { name: 'A of the proof', code });
  const c = decodeG1(bytes.subarray(g1Bytes + g2Bytes), { name: 'C of the proof', code });
  const middle = bytes.subarray(g1Bytes, g1Bytes + g2Bytes);
  const proof = { a, b: decodeG2(middle, { name: 'B of the proof', code }), c };
  decoded.add(proof);
  return proof;
}
