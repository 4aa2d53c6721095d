import type { Image, Shape } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import { taggedHash } from '../crypto/index.js';
import { type Dataset, imageAt } from '../training/dataset.js';
import { imagesFromSecret } from '../triggers/index.js';

const seedTag = 'veilmark/public-images/1';
/** Abstract images of a set; within a larger one they would have to differ more than triggers do. */
const setSize = 40;
const abstractCount = 200;

/** Abstract images that anyone can make again, drawn as triggers are. */
export function publicAbstractImages(count: number, shape: Shape): Image[] {
  const images: Image[] = [];
  for (let set = 0; images.length < count; set++) {
    const size = Math.min(setSize, count - images.length);
    const secret = taggedHash(seedTag, [set]);
    images.push(...imagesFromSecret({ secret, count: size, shape }));
  }
  return images;
}

/** `count` images of a data set, or all if it has fewer, at even distances. */
export function spreadImages(dataset: Dataset, count: number): Image[] {
  const total = dataset.labels.length;
  const wanted = Math.min(count, total);
  return Array.from({ length: wanted }, (_, i) =>
    imageAt(dataset, Math.floor((i * total) / wanted)),
  );
}

/**
 * Images on which the ranges of an integer network's neurons are measured: ordinary ones of the task and, as these drive neurons
 * further and must stay in range, abstract ones, and the audited images of a commitment where one is given. Without entropy.
 */
export function calibrationImages({
  dataset,
  commitment,
  count = 1000,
}: {
  dataset: Dataset;
  commitment?: Commitment | undefined;
  /** Ordinary images. */
  count?: number;
}): Image[] {
  return [
    ...spreadImages(dataset, count),
    ...publicAbstractImages(abstractCount, dataset.shape),
    ...(commitment?.audit.map(({ image }) => image) ?? []),
  ];
}
