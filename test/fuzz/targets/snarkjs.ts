import { keyFromSnarkjs, proofFromSnarkjs } from '../../../src/proof/index.js';
import { keyNames, vector } from '../../proof/groth16-vector.js';
import { type FuzzTarget, jsonFrom, jsonSeed } from '../target.js';

/** Proofs as snarkjs writes them. */
export const snarkjsProof: FuzzTarget = {
  name: 'snarkjs-proof',
  quick: 40,
  seeds: () => vector.statements.slice(0, 3).map((statement) => jsonSeed(statement.proof)),
  run: (input) => {
    const given = jsonFrom(input);
    if (!given) return 'no JSON';
    proofFromSnarkjs(given.value);
    return 'a proof';
  },
};

/** Verification keys as snarkjs exports them. */
export const snarkjsKey: FuzzTarget = {
  name: 'snarkjs-key',
  quick: 40,
  seeds: () => [vector.key, vector.other.key, vector.unfinishedKey].map(jsonSeed),
  run: (input) => {
    const given = jsonFrom(input);
    if (!given) return 'no JSON';
    return keyFromSnarkjs(given.value, keyNames).stamp;
  },
};
