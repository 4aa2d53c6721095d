/** Adds up vectors over all replicas of a network; every replica calls it for the same layers in the same order. */
export interface AllReduce {
  readonly replicas: number;
  /** The vectors of all replicas, in their order; each has the length of `own`. */
  gather(own: Float32Array): readonly Float32Array[];
}

/** Mean and (biased) variance of each channel, over `count` values. */
export interface Moments {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly count: number;
}

/**
 * Moments of the whole batch from those of parts, without cancellation (Chan et al. 1979). Each part: how many values a
 * channel it has, the means of the channels, and their sums of squared deviations.
 */
export function wholeMoments(parts: readonly Float32Array[], channels: number): Moments {
  const count = parts.reduce((sum, part) => sum + (part[0] ?? 0), 0);
  const [mean, variance] = [new Float32Array(channels), new Float32Array(channels)];
  for (let c = 0; c < channels; c++) {
    const average =
      parts.reduce((sum, part) => sum + (part[0] ?? 0) * (part[1 + c] ?? 0), 0) / count;
    const spread = parts.reduce(
      (sum, part) =>
        sum + (part[1 + channels + c] ?? 0) + (part[0] ?? 0) * ((part[1 + c] ?? 0) - average) ** 2,
      0,
    );
    mean[c] = average;
    variance[c] = spread / count;
  }
  return { mean, variance, count };
}

/** The sum of equally long vectors. */
export function total(parts: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(parts[0]?.length ?? 0);
  for (const part of parts) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (part[i] ?? 0);
  }
  return sum;
}
