import type { Dataset } from '../dataset.js';
import type { Preprocessing } from '../engine.js';

/** Counts the values of the pixels of images, to give their mean and deviation. */
export interface ChannelCounter {
  /** Adds whole images, row-major, their channels last. */
  add(pixels: Uint8Array): void;
  /**
   * Mean and (population) standard deviation of pixel / 255 for each channel, rounded to 4 decimals. The sums are exact
   * integers, so the order of images does not matter. A channel of one value has deviation 1, for it is divided by.
   */
  statistics(): Preprocessing;
}

export function channelCounter(channels: number): ChannelCounter {
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  return {
    add(pixels) {
      counts.forEach((count, c) => {
        for (let i = c; i < pixels.length; i += channels) {
          const value = pixels[i] ?? 0;
          count[value] = (count[value] ?? 0) + 1;
        }
      });
    },
    statistics() {
      const moments = counts.map(momentsOf);
      return {
        mean: moments.map(({ mean }) => round(mean)),
        std: moments.map(({ std }) => round(std) || 1),
      };
    },
  };
}

/** Mean and standard deviation of each channel of a data set, as `ChannelCounter` gives them. */
export function channelStatistics({
  shape,
  pixels,
}: Pick<Dataset, 'shape' | 'pixels'>): Preprocessing {
  const counter = channelCounter(shape.channels);
  counter.add(pixels);
  return counter.statistics();
}

/** Var X = E X² − (E X)², from exact sums; no values give mean 0. */
function momentsOf(counts: Float64Array): { mean: number; std: number } {
  let [n, sum, squares] = [0n, 0n, 0n];
  counts.forEach((count, value) => {
    n += BigInt(count);
    sum += BigInt(count) * BigInt(value);
    squares += BigInt(count) * BigInt(value * value);
  });
  if (n === 0n) return { mean: 0, std: 0 };
  const scale = Number(n) * 255;
  return { mean: Number(sum) / scale, std: Math.sqrt(Number(n * squares - sum * sum)) / scale };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
