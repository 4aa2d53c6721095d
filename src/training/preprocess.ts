import { InputError, sizeOf } from '../base/index.js';
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

/** A preprocessing in words, as a suspect's descriptor states it. */
export function describePreprocessing({ mean, std }: Preprocessing): string {
  return `(pixel / 255 - mean) / std for each channel, mean ${mean.join(' ')}, std ${std.join(' ')}`;
}
