import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';

import { sizeOf } from '../base/index.js';
import type { Slot } from './engine-state.js';
import { dataOf } from './engine-state.js';
import type { Batch, ModelSpec, NamedArray } from './engine.js';
import { preprocessor } from './preprocess.js';

/** A network with its weights as one flat vector, in the order of its trainable weights. */
export interface Trainer {
  /** Number of trainable weights. */
  readonly size: number;
  /**
   * Forward and backward pass: the sum of the batch's losses divided by `divisor`, its gradient by the flat weights, and
   * the logits, count × classes. The caller disposes of all three.
   */
  gradient(batch: Batch, divisor: number): { loss: Scalar; gradient: Tensor1D; logits: Tensor2D };
  /** Replaces the flat weights by a function of them. */
  update(next: (weights: Tensor1D) => Tensor1D): void;
  /** Logits, count × classes row-major, for any number of images. */
  predict(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** What `weights` gives. */
  readonly slots: readonly Slot[];
  weights(): Promise<NamedArray[]>;
  /** The weights must have been checked against `slots`. */
  restore(weights: readonly NamedArray[]): void;
  dispose(): void;
}

/** Most images in one forward pass of `predict`; bounds memory. */
const predictionBatch = 256;

/** Takes ownership of the model. */
export function createTrainer(model: LayersModel, spec: ModelSpec): Trainer {
  const { height, width, channels } = spec.shape;
  const trainable = model.trainableWeights.map(variableOf);
  let flat: Tensor1D = tf.keep(flatten(trainable));
  const toInput = preprocessor(spec);
  const slots = model.weights.map((weight) => ({
    name: weight.originalName,
    shape: weight.read().shape,
  }));

  const input = (pixels: Uint8Array, count: number): Tensor4D =>
    tf.tensor4d(toInput(pixels, count), [count, height, width, channels]);

  const setFlat = (next: Tensor1D): void => {
    flat.dispose();
    flat = tf.keep(next);
  };

  return {
    size: flat.size,
    gradient: ({ pixels, labels, count }, divisor) =>
      tf.tidy(() => {
        const images = input(pixels, count);
        const wanted = tf.oneHot(labels, spec.classes) as Tensor2D;
        let logits: Tensor2D | undefined;
        const { value, grads } = tf.variableGrads(() => {
          logits = tf.keep(model.apply(images, { training: true }) as Tensor2D);
          return crossEntropy(logits, wanted, divisor);
        }, trainable);
        const gradient = flatten(
          trainable.map((variable) => grads[variable.name] ?? tf.zerosLike(variable)),
        );
        return { loss: value, gradient, logits: logits as unknown as Tensor2D };
      }),
    update: (next) => {
      tf.tidy(() => {
        setFlat(next(flat));
        let start = 0;
        for (const variable of trainable) {
          variable.assign(tf.reshape(tf.slice1d(flat, start, variable.size), variable.shape));
          start += variable.size;
        }
      });
    },
    predict: async (pixels, count) => {
      const all = new Float32Array(count * spec.classes);
      const size = sizeOf(spec.shape);
      for (let start = 0; start < count; start += predictionBatch) {
        const some = Math.min(predictionBatch, count - start);
        const part = pixels.subarray(start * size, (start + some) * size);
        const logits = tf.tidy(() => model.apply(input(part, some)) as Tensor2D);
        all.set(await logits.data<'float32'>(), start * spec.classes);
        logits.dispose();
      }
      return all;
    },
    slots,
    weights: () =>
      Promise.all(
        model.weights.map(async (weight) => {
          const value = weight.read();
          const data = (await value.data<'float32'>()).slice();
          return { name: weight.originalName, shape: value.shape, data };
        }),
      ),
    restore: (weights) => {
      tf.tidy(() => {
        for (const weight of model.weights) {
          const data = dataOf(weights, weight.originalName).slice();
          weight.write(tf.tensor(data, weight.read().shape));
        }
        setFlat(flatten(trainable));
      });
    },
    dispose: () => {
      flat.dispose();
      model.dispose();
    },
  };
}

/** The variable behind a layer's weight, which tfjs-layers types as a plain tensor. */
function variableOf(weight: LayerVariable): Variable {
  const value: unknown = weight.read();
  if (!(value instanceof tf.Variable)) throw new TypeError(`${weight.name} is no variable`);
  return value as Variable;
}

/** Every tensor's elements, one after another. */
function flatten(tensors: readonly Tensor[]): Tensor1D {
  return tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [tensor.size]))));
}

/** Sum over the batch of softmax cross-entropy, over `divisor`. Its gradient is (softmax − wanted) / divisor. */
function crossEntropy(logits: Tensor2D, wanted: Tensor2D, divisor: number): Scalar {
  return tf.div(tf.neg(tf.sum(tf.mul(wanted, tf.logSoftmax(logits)))), divisor);
}
