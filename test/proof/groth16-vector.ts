import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ProvedStatement } from '../../src/proof/groth16.js';
import {
  keyFromSnarkjs,
  proofFromSnarkjs,
  type SnarkjsKey,
  type SnarkjsProof,
} from '../../src/proof/snarkjs-format.js';
import { fromHex } from '../support/vectors.js';

export interface SnarkjsStatement {
  readonly proof: SnarkjsProof;
  /** Decimal. */
  readonly inputs: readonly string[];
}

/** test/vectors/groth16.json, which `tiny-circuit.ts` writes: all of it made by circom and snarkjs. */
export interface Groth16Vector {
  /** SHA-512 of the circuit's r1cs file. */
  readonly r1cs: string;
  readonly key: SnarkjsKey;
  readonly statements: readonly SnarkjsStatement[];
  /** Another key for the same circuit. */
  readonly other: { readonly key: SnarkjsKey; readonly statements: readonly SnarkjsStatement[] };
  /** The key before any contribution to phase 2. */
  readonly unfinishedKey: SnarkjsKey;
}

const path = join(import.meta.dirname, '..', 'vectors', 'groth16.json');
export const vector = JSON.parse(readFileSync(path, 'utf8')) as Groth16Vector;

export const keyNames = { instance: 'tiny', stamp: 'dev', r1cs: fromHex(vector.r1cs) } as const;

export const key = keyFromSnarkjs(vector.key, keyNames);
export const otherKey = keyFromSnarkjs(vector.other.key, keyNames);

export function statementFrom({ proof, inputs }: SnarkjsStatement): ProvedStatement {
  return { proof: proofFromSnarkjs(proof), inputs: inputs.map(BigInt) };
}

export const statements = vector.statements.map(statementFrom);
export const otherStatements = vector.other.statements.map(statementFrom);
