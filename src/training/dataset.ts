import type { Image, Shape } from '../base/index.js';
import { sizeOf } from '../base/index.js';

/** Labelled images of one shape, one after another in one array. */
export interface Dataset {
  readonly shape: Shape;
  /** Class names in the order of the labels. */
  readonly classNames: readonly string[];
  /** count × height × width × channels bytes. */
  readonly pixels: Uint8Array;
  /** One label an image, each below the number of classes. */
  readonly labels: Int32Array;
}

/** The images of a data set at some places, copied. */
export function selectImages(dataset: Dataset, indices: readonly number[]): Dataset {
  const size = sizeOf(dataset.shape);
  const pixels = new Uint8Array(indices.length * size);
  indices.forEach((index, at) => {
    pixels.set(dataset.pixels.subarray(index * size, (index + 1) * size), at * size);
  });
  return { ...dataset, pixels, labels: Int32Array.from(indices, (i) => dataset.labels[i] ?? 0) };
}

/** The i-th image of a data set, sharing its bytes. */
export function imageAt({ shape, pixels }: Dataset, index: number): Image {
  const size = sizeOf(shape);
  return { shape, pixels: pixels.subarray(index * size, (index + 1) * size) };
}
