import type { Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

import type { Slot } from './engine-state.js';
import { dataOf } from './engine-state.js';
import type { NamedArray, OptimizerSpec } from './engine.js';

/** Updates all weights of a network at once, as one flat vector: few operations on any backend. */
export interface Optimizer {
  /** The new weights; both arguments have `size` elements. The caller owns what comes back. */
  update(weights: Tensor1D, gradient: Tensor1D, learningRate: number): Tensor1D;
  /** What its state holds. */
  readonly slots: readonly Slot[];
  state(): Promise<NamedArray[]>;
  /** The state must have been checked against `slots`. */
  restore(state: readonly NamedArray[]): void;
  /** Back to the state in which it was made. */
  reset(): void;
  dispose(): void;
}

/** Fresh accumulators for `size` weights. */
export function createOptimizer(spec: OptimizerSpec, size: number): Optimizer {
  switch (spec.kind) {
    case 'adam':
      return createAdam(size);
    case 'sgd':
      return createSgd(size, spec);
    default:
      return spec satisfies never;
  }
}

/** Adam with β1 = 0.9, β2 = 0.999, ε = 1e-8 (Kingma and Ba 2015, algorithm 1). */
function createAdam(size: number): Optimizer {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const first = createAccumulator('adam/m', size);
  const second = createAccumulator('adam/v', size);
  let steps = 0;
  const count = { name: 'adam/steps', shape: [1] };
  return {
    slots: [first.slot, second.slot, count],
    update: (weights, gradient, learningRate) =>
      tf.tidy(() => {
        steps += 1;
        const root = Math.sqrt(1 - beta2 ** steps);
        const rate = (learningRate * root) / (1 - beta1 ** steps);
        const m = first.blend(beta1, tf.mul(gradient, 1 - beta1));
        const v = second.blend(beta2, tf.mul(tf.square(gradient), 1 - beta2));
        const change = tf.div(m, tf.add(tf.sqrt(v), epsilon * root));
        return tf.sub(weights, tf.mul(change, rate));
      }),
    state: async () => [
      await first.read(),
      await second.read(),
      { ...count, data: Float32Array.of(steps) },
    ],
    restore: (state) => {
      steps = dataOf(state, count.name)[0] ?? 0;
      first.write(state);
      second.write(state);
    },
    reset: () => {
      steps = 0;
      first.reset();
      second.reset();
    },
    dispose: () => {
      first.dispose();
      second.dispose();
    },
  };
}

/** Gradient descent with momentum; weight decay is added to the gradient, as in PyTorch's SGD. */
function createSgd(
  size: number,
  { momentum, weightDecay }: { momentum: number; weightDecay: number },
): Optimizer {
  const velocity = createAccumulator('sgd/velocity', size);
  return {
    slots: [velocity.slot],
    update: (weights, gradient, learningRate) =>
      tf.tidy(() => {
        const decayed =
          weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weights, weightDecay));
        const v = momentum === 0 ? decayed : velocity.blend(momentum, decayed);
        return tf.sub(weights, tf.mul(v, learningRate));
      }),
    state: async () => [await velocity.read()],
    restore: (state) => {
      velocity.write(state);
    },
    reset: () => {
      velocity.reset();
    },
    dispose: () => {
      velocity.dispose();
    },
  };
}

/** A vector kept over steps, at first zero. */
function createAccumulator(name: string, size: number) {
  const slot: Slot = { name, shape: [size] };
  let value: Tensor1D = tf.keep(tf.zeros([size]));
  const replace = (next: Tensor1D): Tensor1D => {
    value.dispose();
    return (value = tf.keep(next));
  };
  return {
    /** decay · value + addend, which becomes the value; the accumulator keeps owning it. */
    blend: (decay: number, addend: tf.Tensor): Tensor1D =>
      replace(tf.add(tf.mul(value, decay), addend)),
    slot,
    read: async (): Promise<NamedArray> => ({
      ...slot,
      data: (await value.data<'float32'>()).slice(),
    }),
    write: (state: readonly NamedArray[]): void => {
      replace(tf.tensor1d(dataOf(state, name).slice()));
    },
    reset: (): void => {
      replace(tf.zeros([size]));
    },
    dispose: (): void => {
      value.dispose();
    },
  };
}
