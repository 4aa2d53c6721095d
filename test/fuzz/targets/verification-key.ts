import { decodeVerificationKey, encodeVerificationKey } from '../../../src/proof/index.js';
import { key, otherKey } from '../../proof/groth16-vector.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

/** The verification key file that travels in a judge's hello. */
export const verificationKey: FuzzTarget = {
  name: 'verification-key',
  quick: 25,
  seeds: () => [key.bytes, otherKey.bytes],
  run: (input) => {
    const decoded = decodeVerificationKey(input);
    mustEncodeAs(input, encodeVerificationKey(decoded));
    return decoded.stamp;
  },
};
