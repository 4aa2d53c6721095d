import type { NamedAttrMap, NamedTensorMap, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

import { channelKernels } from '../kernels/wasm/channels.js';
import { type AllReduce, type Moments, total, wholeMoments } from './all-reduce.js';

/** What batch normalisation needs besides its input. */
export interface Normalisation {
  readonly gain: Tensor1D;
  readonly offset: Tensor1D;
  readonly epsilon: number;
  /** Called with the moments of the batch. */
  readonly seen: (moments: Moments) => void;
  readonly reduce: AllReduce | undefined;
}

/** Whether the current backend has the kernels for this tensor; its channels are in the last axis. */
export function canFuseBatchNorm(input: Tensor): boolean {
  const isThere = tf.getKernel(channelKernels.moments, tf.getBackend()) as unknown;
  return isThere !== undefined && input.size > 0 && (input.shape.at(-1) ?? 0) % 4 === 0;
}

/**
 * Batch normalisation in training as in `batch-norm.ts`, in two passes over the input and two for its gradient. What is small,
 * a number or two for each channel, is computed here.
 */
export function fusedBatchNorm(input: Tensor, options: Normalisation): Tensor {
  const { epsilon, seen, reduce } = options;
  const normalise = tf.customGrad((...passed: unknown[]) => {
    const [x, gain, offset, save] = passed as [Tensor, Tensor, Tensor, (saved: Tensor[]) => void];
    const moments = momentsOf(x, reduce);
    seen(moments);
    const { mean, variance, count } = moments;
    const scale = variance.map((value) => 1 / Math.sqrt(value + epsilon));
    const factors = times(scale, gain.dataSync<'float32'>());
    const start = offset.dataSync<'float32'>();
    const addends = factors.map((factor, c) => (start[c] ?? 0) - factor * (mean[c] ?? 0));
    save([x]);
    return {
      value: run(channelKernels.scale, { x }, { factors, addends }),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const inputs = { dy, x: saved[0] ?? x };
        const own = run(channelKernels.gradientSums, inputs, { means: mean }).dataSync<'float32'>();
        const whole = reduce ? total(reduce.gather(own)) : own;
        const attrs = inputGradient(whole, { mean, scale, factors, count });
        const channels = mean.length;
        return [
          run(channelKernels.combine, inputs, attrs),
          tf.tensor1d(times(scale, own.slice(channels))),
          tf.tensor1d(own.slice(0, channels)),
        ];
      },
    };
  });
  return normalise(input, options.gain, options.offset);
}

/**
 * The gradient by the input, `factor · (dy − mean(dy) − x̂ · mean(dy · x̂))` with x̂ = (x − mean) · scale, as coefficients of dy,
 * of x, and of 1.
 */
function inputGradient(
  sums: Float32Array,
  of: { mean: Float32Array; scale: Float32Array; factors: Float32Array; count: number },
): { gradientFactors: Float32Array; factors: Float32Array; addends: Float32Array } {
  const channels = of.mean.length;
  const [factors, addends] = [new Float32Array(channels), new Float32Array(channels)];
  for (let c = 0; c < channels; c++) {
    const factor = of.factors[c] ?? 0;
    const bySquare = ((of.scale[c] ?? 0) ** 2 * (sums[channels + c] ?? 0)) / of.count;
    factors[c] = -factor * bySquare;
    addends[c] = factor * ((of.mean[c] ?? 0) * bySquare - (sums[c] ?? 0) / of.count);
  }
  return { gradientFactors: of.factors, factors, addends };
}

function momentsOf(x: Tensor, reduce: AllReduce | undefined): Moments {
  const channels = x.shape.at(-1) ?? 1;
  const count = x.size / channels;
  const own = run(channelKernels.moments, { x }, {}).dataSync<'float32'>();
  const mine = Float32Array.of(count, ...own);
  return wholeMoments(reduce ? reduce.gather(mine) : [mine], channels);
}

function run(kernel: string, inputs: NamedTensorMap, attrs: Record<string, unknown>): Tensor {
  return tf.engine().runKernel(kernel, inputs, attrs as NamedAttrMap);
}

function times(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value * (b[i] ?? 0));
}
