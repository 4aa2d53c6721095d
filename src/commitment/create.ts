import { InputError, sameShape } from '../base/index.js';
import type { KeyPair } from '../crypto/index.js';
import {
  type Commitment,
  encodeCommitment,
  openCommitment,
  type CommitmentClaim,
} from './commitment-file.js';
import { labelCommitment, triggerCommitment } from './hashing.js';
import { dealPairs, deriveLabel, isLabel, labelSeed } from './labels.js';
import { type Mark, type MarkSource, openPair } from './mark.js';
import { checkParameters, classCount, pairCount, type Parameters } from './parameters.js';

/**
 * Commits to a mark: KeyGen of the paper, with labels that follow from the images' commitments. The result is opened
 * again before it is returned, so that nothing is published which a judge would refuse.
 *
 * Throws `InputError` `commitment.parameters`, `commitment.images` or `commitment.labels`.
 */
export function createCommitment({
  parameters,
  source,
  owner,
  onProgress,
}: {
  parameters: Parameters;
  source: MarkSource;
  owner: KeyPair;
  /** Called after each image with the number of images done. */
  onProgress?: (done: number) => void;
}): { commitment: Commitment; mark: Mark } {
  checkSource(parameters, source);
  const openings = source.images.map((_, index) => openPair(source, index));
  const triggers = openings.map((opening, i) => {
    const committed = triggerCommitment(opening);
    onProgress?.(i + 1);
    return committed;
  });
  const seed = labelSeed({ parameters, owner: owner.publicKey, triggers });
  const classes = classCount(parameters);
  const labels = openings.map(({ index, r, natural, chosen }) => {
    if (chosen) return labelCommitment(chosen.label, chosen.s);
    const { label, u } = deriveLabel({ seed, index, r, natural, classes });
    return labelCommitment(label, u);
  });
  const { audited } = dealPairs(parameters, seed);
  const claim: CommitmentClaim = {
    parameters,
    owner: owner.publicKey,
    triggers,
    labels,
    audit: audited.map((index) => openPair(source, index)),
  };
  const commitment = openCommitment(encodeCommitment(claim, owner.secretKey));
  return { commitment, mark: { ...source, commitment: commitment.digest } };
}

function checkSource(parameters: Parameters, source: MarkSource): void {
  checkParameters(parameters);
  const pairs = pairCount(parameters);
  const classes = classCount(parameters);
  const { images, natural, chosenLabels, origin } = source;
  const fail = (code: string, message: string): never => {
    throw new InputError({ code, message });
  };
  if (origin !== parameters.origin) {
    fail('commitment.parameters', `a mark of ${origin} origin needs a commitment stamped so`);
  }
  if (images.length !== pairs || natural.length !== pairs) {
    fail('commitment.images', `${pairs} pairs need as many images, got ${images.length}`);
  }
  const odd = images.findIndex(({ shape }) => !sameShape(shape, parameters.shape));
  if (odd >= 0) fail('commitment.images', `image ${odd} has another shape than the first ones`);
  if ((chosenLabels !== undefined) !== (parameters.labelMode === 'chosen')) {
    fail('commitment.labels', 'labels are given exactly when they are chosen by the owner');
  }
  natural.forEach((value, i) => {
    const fits =
      value === classes || (parameters.natural === 'given' && isLabel(parameters, value));
    if (!fits) fail('commitment.labels', `image ${i}: natural class ${value} is out of range`);
  });
  chosenLabels?.forEach((label, i) => {
    if (!isLabel(parameters, label)) {
      fail('commitment.labels', `image ${i}: label ${label} is not one of 0 to ${classes - 1}`);
    }
    if (label === natural[i]) {
      fail('commitment.labels', `image ${i}: label ${label} is the class that it has anyway`);
    }
  });
  if (chosenLabels?.length !== undefined && chosenLabels.length !== pairs) {
    fail('commitment.labels', `${pairs} pairs need as many labels, got ${chosenLabels.length}`);
  }
}
