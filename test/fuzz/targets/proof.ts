import { decodeProof, encodeProof, verifyProof } from '../../../src/proof/index.js';
import { key, statements } from '../../proof/groth16-vector.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

/** A proof's bytes. What decodes is verified against a statement that only the sound proof shows. */
export const proof: FuzzTarget = {
  name: 'proof',
  quick: 25,
  seeds: () => statements.map((statement) => encodeProof(statement.proof)),
  run: (input) => {
    const decoded = decodeProof(input);
    mustEncodeAs(input, encodeProof(decoded));
    const [first] = statements;
    verifyProof({ key, proof: decoded, inputs: first!.inputs });
    return 'proves';
  },
};
