import { EvidenceError } from '../base/index.js';
import { classCount, type Commitment, type Opening, type Parameters } from '../commitment/index.js';
import { hashToField } from '../crypto/index.js';
import type { VerificationKey } from './verification-key.js';

/** Room for classes of the instances of the circuit `opening`. */
const rooms = [16, 128];

/**
 * The instance of the circuit `opening` that serves a commitment. Throws `EvidenceError` `proof.instance` where none does.
 */
export function openingInstance(parameters: Parameters): string {
  const { height, width, channels } = parameters.shape;
  const room = rooms.find((classes) => classCount(parameters) <= classes);
  if (parameters.labelMode === 'derived' && room !== undefined) {
    return `opening-${height}x${width}x${channels}-${room}`;
  }
  throw new EvidenceError({
    code: 'proof.instance',
    message:
      parameters.labelMode === 'derived'
        ? `no circuit has room for ${classCount(parameters)} classes`
        : 'the labels are chosen, and the circuits prove derived ones',
    hint: 'set hiddenProofs to "none" in the policy',
  });
}

/** Whether a key is of the circuit that proves openings of a commitment. Throws `EvidenceError` `proof.instance`. */
export function checkOpeningKey(key: VerificationKey, parameters: Parameters): void {
  const instance = openingInstance(parameters);
  if (key.instance === instance && key.ic.length === publicCount + 1) return;
  throw new EvidenceError({
    code: 'proof.instance',
    message: `the key is of the circuit ${key.instance}, this commitment needs ${instance}`,
    hint: `use the key of ${instance}`,
  });
}

const publicCount = 7;

/** The signals of the circuit `opening`, public ones first and in the order of a proof's public inputs. */
function publicSignals(commitment: Commitment, index: number, head: Uint8Array) {
  const { parameters, triggers, labels, labelSeed } = commitment;
  const [trigger, label] = [triggers[index], labels[index]];
  if (trigger === undefined || label === undefined) {
    throw new RangeError(`there is no pair ${index}`);
  }
  return {
    sessionHead: hashToField(head),
    triggerCommitment: trigger,
    labelCommitment: label,
    index: BigInt(index),
    seed: labelSeed,
    classes: BigInt(classCount(parameters)),
    naturalGiven: parameters.natural === 'given' ? 1n : 0n,
  };
}

/** The public inputs of a proof that a hidden pair is well-formed, bound to the session with this chain head. */
export function openingInputs(commitment: Commitment, index: number, head: Uint8Array): bigint[] {
  return Object.values(publicSignals(commitment, index, head));
}

/** What the circuit `opening` takes. */
export type OpeningSignals = ReturnType<typeof publicSignals> & {
  readonly pixels: readonly bigint[];
  readonly natural: bigint;
  readonly r: bigint;
};

/** All inputs of that proof's circuit; the image, its natural class and r are secret. */
export function openingSignals(
  commitment: Commitment,
  opening: Opening,
  head: Uint8Array,
): OpeningSignals {
  const { index, image, natural, r } = opening;
  return {
    ...publicSignals(commitment, index, head),
    pixels: Array.from(image.pixels, BigInt),
    natural: BigInt(natural),
    r,
  };
}
