import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

import { type AllReduce, total, wholeMoments } from './all-reduce.js';
import { canFuseBatchNorm, fusedBatchNorm } from './fused-batch-norm.js';

type Layer = LayersModel['layers'][number];

/** What the layer of TensorFlow.js holds, which its types do not show. */
interface BatchNormalization extends Layer {
  readonly axis: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly gamma?: Weight;
  readonly beta?: Weight;
  readonly movingMean: Weight;
  readonly movingVariance: Weight;
}

interface Weight {
  read(): Tensor1D;
  write(value: Tensor1D): void;
}

interface Moments {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  /** Values of a channel, over all replicas. */
  readonly count: number;
}

/**
 * Makes the batch normalisations of a network see the whole batch while it trains, however many replicas share it, and
 * gives them one gradient in place of a dozen operations. A layer that is not trainable keeps its statistics and uses them.
 */
export function synchroniseBatchNorm(model: LayersModel, reduce?: AllReduce): void {
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'BatchNormalization') continue;
    const normalise = layer as BatchNormalization;
    const whenPredicting = layer.call.bind(layer);
    layer.call = (inputs, kwargs) => {
      const input = Array.isArray(inputs) ? inputs[0] : inputs;
      const isLast = normalise.axis === -1 || normalise.axis === (input?.rank ?? 0) - 1;
      if (kwargs['training'] !== true || !layer.trainable) {
        return whenPredicting(inputs, { ...kwargs, training: false });
      }
      if (input === undefined || !isLast) return whenPredicting(inputs, kwargs);
      return canFuseBatchNorm(input)
        ? trainFused(normalise, input, reduce)
        : train(normalise, input, reduce);
    };
  }
}

/**
 * Ioffe and Szegedy (2015), algorithm 1, with its gradient (section 3), and the moving statistics. The last axis is that of
 * the channels.
 */
function train(layer: BatchNormalization, input: Tensor, reduce: AllReduce | undefined): Tensor {
  const channels = input.shape.at(-1) ?? 1;
  const axes = [...Array(input.rank - 1).keys()];
  const normalise = tf.customGrad((...passed: unknown[]) => {
    const [x, gain, offset, save] = passed as [Tensor, Tensor, Tensor, (saved: Tensor[]) => void];
    const moments = momentsOf(x, axes, reduce);
    moveTowards(layer, moments);
    const scale = tf.rsqrt(tf.add(moments.variance, layer.epsilon));
    const normal = tf.mul(tf.sub(x, moments.mean), scale);
    save([normal, tf.mul(gain, scale)]);
    return {
      value: tf.add(tf.mul(normal, gain), offset),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [xHat, gainScale] = saved as [Tensor, Tensor];
        const own = tf.concat([tf.sum(dy, axes), tf.sum(tf.mul(dy, xHat), axes)]);
        const whole = reduce ? tf.tensor1d(total(reduce.gather(own.dataSync<'float32'>()))) : own;
        const [meanDy, meanDyX] = halves(tf.div(whole, moments.count));
        const centred = tf.sub(tf.sub(dy, meanDy), tf.mul(xHat, meanDyX));
        const [ownOffset, ownGain] = halves(own);
        return [tf.mul(centred, gainScale), ownGain, ownOffset];
      },
    };
  });
  return tf.tidy(() =>
    normalise(
      input,
      layer.gamma?.read() ?? tf.ones([channels]),
      layer.beta?.read() ?? tf.zeros([channels]),
    ),
  );
}

/** The same by the backend's own kernels for it. */
function trainFused(
  layer: BatchNormalization,
  input: Tensor,
  reduce: AllReduce | undefined,
): Tensor {
  const channels = input.shape.at(-1) ?? 1;
  return tf.tidy(() =>
    fusedBatchNorm(input, {
      gain: layer.gamma?.read() ?? tf.ones([channels]),
      offset: layer.beta?.read() ?? tf.zeros([channels]),
      epsilon: layer.epsilon,
      seen: ({ mean, variance, count }) => {
        const moments = { mean: tf.tensor1d(mean), variance: tf.tensor1d(variance), count };
        moveTowards(layer, moments);
      },
      reduce,
    }),
  );
}

/** Mean and (biased) variance of each channel over the batch of all replicas. */
function momentsOf(x: Tensor, axes: number[], reduce: AllReduce | undefined): Moments {
  const channels = x.shape.at(-1) ?? 1;
  const own = x.size / channels;
  const mean = tf.div<Tensor1D>(tf.sum(x, axes), own);
  const squares = tf.sum<Tensor1D>(tf.square(tf.sub(x, mean)), axes);
  if (!reduce) return { mean, variance: tf.div(squares, own), count: own };

  const mine = Float32Array.of(own, ...mean.dataSync(), ...squares.dataSync());
  const whole = wholeMoments(reduce.gather(mine), channels);
  return { ...whole, mean: tf.tensor1d(whole.mean), variance: tf.tensor1d(whole.variance) };
}

/** The moving statistics, of the unbiased variance as in PyTorch. */
function moveTowards(layer: BatchNormalization, { mean, variance, count }: Moments): void {
  const unbiased = tf.mul<Tensor1D>(variance, count / Math.max(1, count - 1));
  const move = (weight: Weight, value: Tensor1D): void => {
    const step = tf.mul(tf.sub(value, weight.read()), 1 - layer.momentum);
    weight.write(tf.add(weight.read(), step));
  };
  move(layer.movingMean, mean);
  move(layer.movingVariance, unbiased);
}

function halves(pair: Tensor): [Tensor, Tensor] {
  const length = pair.size / 2;
  return [tf.slice(pair, 0, length), tf.slice(pair, length, length)];
}
