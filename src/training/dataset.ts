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

/** The i-th image of a data set, sharing its bytes. */
export function imageAt({ shape, pixels }: Dataset, index: number): Image {
  const size = sizeOf(shape);
  return { shape, pixels: pixels.subarray(index * size, (index + 1) * size) };
}
