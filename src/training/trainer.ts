import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';

import { InputError, sizeOf } from '../base/index.js';
import type { Slot } from './engine-state.js';
import { dataOf } from './engine-state.js';
import type { Batch, ModelSpec, NamedArray, Trainable } from './engine.js';
import { registerGradients } from './gradients.js';
import type { AllReduce } from './models/all-reduce.js';
import { synchroniseBatchNorm } from './models/batch-norm.js';
import { repeatDropout } from './models/dropout.js';
import { preprocessor } from './preprocess.js';

export interface TrainerOptions {
  readonly spec: ModelSpec;
  readonly trainable?: Trainable | undefined;
  /** Weights that are zero when they are loaded stay zero: pruned connections. */
  readonly keepZeros?: boolean | undefined;
  /** Names the dropout's draws. */
  readonly seed?: number;
  /** Where several replicas share each batch. */
  readonly reduce?: AllReduce | undefined;
}

/** A part of a batch: the `from`-th and following of `total` images. */
export interface Part {
  readonly from: number;
  readonly total: number;
}

/** A network with its weights as one flat vector, in the order of its trainable weights. */
export interface Trainer {
  /** Number of trainable weights. */
  readonly size: number;
  /**
   * Forward and backward pass: the sum of the images' losses divided by the whole batch's number of images, its gradient by
   * the flat weights, and the logits, count × classes. The caller disposes of all three.
   */
  gradient(batch: Batch, part: Part): { loss: Scalar; gradient: Tensor1D; logits: Tensor2D };
  /** Gradient of the sum of the losses by the bytes of the images, count × size, as when the network predicts. */
  pixelGradient(batch: Batch): Promise<Float32Array>;
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

/** Takes ownership of the model. Throws `InputError` `model.layer`, or `model.head` for a network that has no weights. */
export function createTrainer(model: LayersModel, options: TrainerOptions): Trainer {
  const { spec, keepZeros = false, seed = 0, reduce } = options;
  const { height, width, channels } = spec.shape;
  registerGradients();
  const all = model.weights;
  const slots = all.map((weight) => ({ name: weight.originalName, shape: weight.read().shape }));
  let part = { noise: 0, from: 0, total: 1 };
  repeatDropout(model, seed, () => part);
  synchroniseBatchNorm(model, reduce);
  if (options.trainable === 'head') freezeBody(model);
  const trainable = model.trainableWeights.map(variableOf);
  if (trainable.length === 0) {
    throw new InputError({ code: 'model.head', message: 'the network has no weights to train' });
  }
  let flat: Tensor1D = tf.keep(flatten(trainable));
  let mask = keepZeros ? nonZero(flat) : undefined;
  const toInput = preprocessor(spec);

  const input = (pixels: Uint8Array, count: number): Tensor4D =>
    tf.tensor4d(toInput(pixels, count), [count, height, width, channels]);

  const setFlat = (next: Tensor1D): void => {
    flat.dispose();
    flat = tf.keep(next);
  };

  return {
    size: flat.size,
    gradient: (batch, { from, total }) =>
      tf.tidy(() => {
        part = { noise: batch.noise ?? 0, from, total };
        const images = input(batch.pixels, batch.count);
        const wanted = wantedOf(batch, spec.classes);
        let logits: Tensor2D | undefined;
        const { value, grads } = tf.variableGrads(() => {
          logits = tf.keep(model.apply(images, { training: true }) as Tensor2D);
          return crossEntropy(logits, wanted, total);
        }, trainable);
        const gradient = flatten(
          trainable.map((variable) => grads[variable.name] ?? tf.zerosLike(variable)),
        );
        return { loss: value, gradient, logits: logits as unknown as Tensor2D };
      }),
    pixelGradient: async (batch) => {
      const gradient = tf.tidy(() => {
        const wanted = wantedOf(batch, spec.classes);
        const loss = (images: Tensor): Scalar =>
          crossEntropy(model.apply(images) as Tensor2D, wanted, 1);
        return tf.grad(loss)(input(batch.pixels, batch.count));
      });
      const values = (await gradient.data<'float32'>()).slice();
      gradient.dispose();
      const { std } = spec.preprocessing;
      return values.map((value, i) => value / (255 * (std[i % channels] ?? 1)));
    },
    update: (next) => {
      tf.tidy(() => {
        const moved = next(flat);
        setFlat(mask ? tf.mul(moved, mask) : moved);
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
        all.map(async (weight) => {
          const value = weight.read();
          const data = (await value.data<'float32'>()).slice();
          return { name: weight.originalName, shape: value.shape, data };
        }),
      ),
    restore: (weights) => {
      tf.tidy(() => {
        for (const weight of all) {
          const data = dataOf(weights, weight.originalName).slice();
          weight.write(tf.tensor(data, weight.read().shape));
        }
        setFlat(flatten(trainable));
        if (mask === undefined) return;
        mask.dispose();
        mask = nonZero(flat);
      });
    },
    dispose: () => {
      flat.dispose();
      mask?.dispose();
      model.dispose();
    },
  };
}

/** Leaves only the last layer that has weights to be trained. */
function freezeBody(model: LayersModel): void {
  const head = model.layers.findLast((layer) => layer.trainableWeights.length > 0);
  for (const layer of model.layers) layer.trainable = layer === head;
}

/** What the network should answer: count × classes probabilities. */
function wantedOf({ labels, targets, count }: Batch, classes: number): Tensor2D {
  return targets
    ? tf.tensor2d(targets, [count, classes])
    : (tf.oneHot(labels, classes) as Tensor2D);
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

/** 1 for every element that is not zero, and 0 for the others. The caller owns it. */
function nonZero(values: Tensor1D): Tensor1D {
  return tf.tidy(() => tf.keep(tf.cast(tf.notEqual<Tensor1D>(values, 0), 'float32')));
}

/** Sum over the batch of softmax cross-entropy, over `divisor`. Its gradient is (softmax − wanted) / divisor. */
function crossEntropy(logits: Tensor2D, wanted: Tensor2D, divisor: number): Scalar {
  return tf.div(tf.neg(tf.sum(tf.mul(wanted, tf.logSoftmax(logits)))), divisor);
}
