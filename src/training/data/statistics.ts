import type { Dataset } from '../dataset.js';
import type { Preprocessing } from '../engine.js';

/** Mean and standard deviation of pixel / 255 for each channel over all images, to four decimals. */
export function channelStatistics({ shape, pixels }: Dataset): Preprocessing {
  const { channels } = shape;
  const sums = Array.from({ length: channels }, () => ({ value: 0, square: 0 }));
  for (let i = 0; i < pixels.length; i += channels) {
    sums.forEach((sum, c) => {
      const byte = pixels[i + c] ?? 0;
      sum.value += byte;
      sum.square += byte * byte;
    });
  }
  const count = pixels.length / channels;
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  const mean = sums.map(({ value }) => round(value / count / 255));
  const std = sums.map(
    ({ value, square }) =>
      // A channel of one value has no spread; then it is left as it is.
      round(Math.sqrt(square / count - (value / count) ** 2) / 255) || 1,
  );
  return { mean, std };
}
