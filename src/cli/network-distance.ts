import { bytesToHex, type Image } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import { classOf, distanceBetween, type IntegerNetwork, runNetwork } from '../network/index.js';
import { publicAbstractImages } from './calibration.js';
import { percent, table } from './terminal.js';

/** Images on which answers are compared. */
const imagesCompared = 500;

/**
 * How far a network is from ones that were approved before: a judge who writes the weights himself could ask the owner about many
 * networks that differ little, and learn a bit of the mark from each.
 */
export function describeDistances(
  network: IntegerNetwork,
  approved: readonly IntegerNetwork[],
  commitment: Commitment,
): string {
  const images = comparedImages(commitment);
  const answers = answersOf(network, images);
  const rows = approved.map((other) => {
    const { isSameGraph, weights, differing, relative } = distanceBetween(other, network);
    const theirs = answersOf(other, images);
    const changed = answers.filter((answer, i) => answer !== theirs[i]).length;
    return [
      bytesToHex(other.digest).slice(0, 16),
      isSameGraph ? 'same' : 'another',
      isSameGraph ? percent(differing, weights) : '',
      isSameGraph ? relative.toPrecision(2) : '',
      `${percent(changed, images.length)} of ${images.length}`,
    ];
  });
  const heading = ['approved', 'graph', 'integers differ', 'distance', 'answers differ'];
  return table([heading, ...rows]);
}

/** Audited images of the claim, and abstract ones of which the owner's triggers are not. */
function comparedImages({ audit, parameters }: Commitment): Image[] {
  const audited = audit.slice(0, imagesCompared).map(({ image }) => image);
  return [...audited, ...publicAbstractImages(imagesCompared - audited.length, parameters.shape)];
}

function answersOf(network: IntegerNetwork, images: readonly Image[]): number[] {
  return images.map((image) => classOf(runNetwork(network, image)));
}
