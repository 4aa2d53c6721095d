import { bytesToHex } from '../../src/base/index.js';
import type { Policy } from '../../src/protocol/index.js';
import {
  decodeVerificationKey,
  encodeProof,
  encodeVerificationKey,
  type OpeningSignals,
  type VerificationKey,
  type VerificationKeyFields,
} from '../../src/proof/index.js';
import type { HiddenProver } from '../../src/prover/index.js';
import { keyFields, simulate, trapdoorFor } from '../proof/trapdoor.js';
import { testPolicy } from './claim.js';

/** A trapdoor proves anything at once, so that tests of a session need no circuit. */
const trapdoor = trapdoorFor(7);

/** The verification key of that trapdoor, as if for the shape of the tests' claims. */
export function openingKey(changes: Partial<VerificationKeyFields> = {}): VerificationKey {
  const instance = 'opening-4x4x1-16';
  const fields = { ...keyFields(trapdoor), instance, stamp: 'ceremony' as const, ...changes };
  return decodeVerificationKey(encodeVerificationKey(fields));
}

export const ceremonyKey = openingKey();

/** A proof of any public inputs. */
export function simulatedProof(inputs: readonly bigint[]): Uint8Array {
  return encodeProof(simulate(trapdoor, inputs));
}

/** An owner's prover that needs no witness. */
export function simulatedProver(key: VerificationKey = ceremonyKey): HiddenProver {
  return {
    keyDigest: key.digest,
    prove: (signals, { onProgress }) => {
      onProgress(signals.length);
      return Promise.resolve(signals.map((one) => simulatedProof(publicsOf(one))));
    },
  };
}

function publicsOf(signals: OpeningSignals): bigint[] {
  const { sessionHead, triggerCommitment, labelCommitment, index, seed } = signals;
  const { classes, naturalGiven } = signals;
  return [sessionHead, triggerCommitment, labelCommitment, index, seed, classes, naturalGiven];
}

/** The tests' policy with proofs of hidden pairs. */
export function policyWith(
  hiddenProofs: Policy['hiddenProofs'],
  key: VerificationKey = ceremonyKey,
): Policy {
  return { ...testPolicy, hiddenProofs, openingKey: bytesToHex(key.digest) };
}

/** Both sides' options for a session with such proofs. */
export function hiddenSetting(hiddenProofs: Policy['hiddenProofs']) {
  const judge = { policy: policyWith(hiddenProofs), openingKey: ceremonyKey.bytes };
  return { judge, owner: { hiddenProver: simulatedProver() } };
}
