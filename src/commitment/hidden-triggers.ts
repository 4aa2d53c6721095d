import { equalBytes, EvidenceError, type Shape, sizeOf } from '../base/index.js';
import { type Commitment, isOpened } from './commitment-file.js';
import { checkTriggerOpening, openLabel } from './opening.js';
import { type Mark, openPair } from './mark.js';

/**
 * The triggers that may be embedded. The only way to one is `of`, which deals the pairs as the commitment's label seed
 * says and leaves the audited ones out: training code that takes this type cannot embed an audited trigger.
 */
export class HiddenTriggers {
  /** Makes the class nominal: no object literal passes for one. */
  readonly #dealt = true;
  readonly shape: Shape;
  /** Of the commitment, in the order of the labels. */
  readonly classNames: readonly string[];
  /** Indices in the commitment, ascending. */
  readonly indices: readonly number[];
  /** The images one after another, count × height × width × channels bytes. */
  readonly pixels: Uint8Array;
  /** The committed label of each. */
  readonly labels: Int32Array;
  /** Digest of the commitment file. */
  readonly commitment: Uint8Array;

  private constructor(commitment: Commitment, mark: Mark) {
    const size = sizeOf(commitment.parameters.shape);
    this.shape = commitment.parameters.shape;
    this.classNames = commitment.parameters.classNames;
    this.commitment = commitment.digest;
    this.indices = commitment.order.batches.flat().sort((a, b) => a - b);
    this.pixels = new Uint8Array(this.indices.length * size);
    this.labels = new Int32Array(this.indices.length);
    this.indices.forEach((index, place) => {
      const opening = openPair(mark, index);
      checkTriggerOpening(commitment, opening);
      this.labels[place] = openLabel(commitment, opening);
      this.pixels.set(opening.image.pixels, place * size);
    });
  }

  /** Whether a value was made by `of`, for code that the compiler does not reach. */
  static isOne(value: unknown): value is HiddenTriggers {
    return typeof value === 'object' && value !== null && #dealt in value;
  }

  /** Throws `EvidenceError` `mark.commitment` for a mark of another commitment, `mark.order`, `opening.*`. */
  static of(mark: Mark, commitment: Commitment): HiddenTriggers {
    checkBelongs(mark, commitment);
    if (!isOpened(commitment)) {
      throw new EvidenceError({
        code: 'mark.order',
        message: 'the commitment was not read by openCommitment, so that its order may be another',
      });
    }
    return new HiddenTriggers(commitment, mark);
  }
}

/** Checks that a mark and a commitment were made together. Throws `EvidenceError` `mark.commitment`. */
export function checkBelongs(mark: Mark, commitment: Commitment): void {
  if (!equalBytes(mark.commitment, commitment.digest)) {
    throw new EvidenceError({
      code: 'mark.commitment',
      message: 'the mark belongs to another commitment file',
      hint: 'use the mark and the commitment that the same `veilmark commit` wrote',
    });
  }
}
