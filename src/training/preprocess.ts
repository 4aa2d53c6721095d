import { InputError, sizeOf } from '../base/index.js';
import type { Dataset } from './dataset.js';
import type { ModelSpec, Preprocessing } from './engine.js';

/** Turns the bytes of `count` images into a network's input, by one table of 256 values a channel. */
export function preprocessor({
  shape,
  preprocessing,
}: Pick<ModelSpec, 'shape' | 'preprocessing'>): (
  pixels: Uint8Array,
  count: number,
) => Float32Array {
  const { channels } = shape;
  const tables = Array.from({ length: channels }, (_, c) =>
    Float32Array.from(
      { length: 256 },
      (_, byte) => (byte / 255 - (preprocessing.mean[c] ?? 0)) / (preprocessing.std[c] ?? 1),
    ),
  );
  return (pixels, count) => {
    const length = count * sizeOf(shape);
    if (pixels.length !== length) {
      throw new InputError({
        code: 'engine.batch',
        message: `${count} images have ${length} bytes, got ${pixels.length}`,
      });
    }
    const input = new Float32Array(length);
    tables.forEach((table, c) => {
      for (let i = c; i < length; i += channels) input[i] = table[pixels[i] ?? 0] ?? 0;
    });
    return input;
  };
}

/**
 * The preprocessing under which a data set has mean 0 and standard deviation 1 in each channel, to four decimals. A
 * channel of one value only keeps its scale.
 */
export function standardize({ shape, pixels }: Pick<Dataset, 'shape' | 'pixels'>): Preprocessing {
  const { channels } = shape;
  const count = pixels.length / channels;
  const sums = Array.from({ length: channels }, () => ({ value: 0, square: 0 }));
  pixels.forEach((pixel, at) => {
    const sum = sums[at % channels];
    if (sum === undefined) return;
    sum.value += pixel / 255;
    sum.square += (pixel / 255) ** 2;
  });
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  const deviation = ({ value, square }: { value: number; square: number }): number =>
    Math.sqrt(Math.max(0, square / count - (value / count) ** 2));
  return {
    mean: sums.map(({ value }) => round(value / count)),
    std: sums.map((sum) => round(deviation(sum)) || 1),
  };
}

/** A preprocessing in words, as a suspect's descriptor states it. */
export function describePreprocessing({ mean, std }: Preprocessing): string {
  return `(pixel / 255 - mean) / std for each channel, mean ${mean.join(' ')}, std ${std.join(' ')}`;
}
