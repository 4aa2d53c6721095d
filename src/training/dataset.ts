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

/** Every `step`-th image of a data set from the `first` on. */
export function sliceDataset(dataset: Dataset, first: number, step: number): Dataset {
  const count = Math.max(0, Math.ceil((dataset.labels.length - first) / step));
  const size = sizeOf(dataset.shape);
  const pixels = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const from = first + i * step;
    pixels.set(dataset.pixels.subarray(from * size, (from + 1) * size), i * size);
    labels[i] = dataset.labels[from] ?? 0;
  }
  return { ...dataset, pixels, labels };
}

/** The i-th image of a data set, sharing its bytes. */
export function imageAt({ shape, pixels }: Dataset, index: number): Image {
  const size = sizeOf(shape);
  return { shape, pixels: pixels.subarray(index * size, (index + 1) * size) };
}
