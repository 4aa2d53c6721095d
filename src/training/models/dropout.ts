import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

import { InputError } from '../../base/index.js';

/** Which images of which batch a replica holds: what is drawn for an image depends on nothing else. */
export interface Share {
  /** Names the batch's random choices. */
  readonly noise: number;
  /** The first image of this replica, of `total` in the batch. */
  readonly from: number;
  readonly total: number;
}

type Layer = LayersModel['layers'][number];

/** Layers of TensorFlow.js whose noise has no seed that changes from step to step. */
const unrepeatable = ['GaussianNoise', 'GaussianDropout', 'AlphaDropout'];

/**
 * Makes the dropout of a network repeatable: the same batch under the same `noise` always loses the same values, whoever
 * holds its images. `share` is asked at every step. Throws `InputError` `model.layer` for layers with other noise.
 */
export function repeatDropout(model: LayersModel, seed: number, share: () => Share): void {
  model.layers.forEach((layer, index) => {
    if (unrepeatable.includes(layer.getClassName())) throw noisy(layer);
    if (!/^(Spatial)?Dropout/.test(layer.getClassName())) return;
    const { rate, noiseShape } = layer as Layer & { rate: number; noiseShape?: unknown };
    if (noiseShape || layer.getClassName() !== 'Dropout') throw noisy(layer);
    layer.call = (inputs, kwargs) => {
      const [input] = (Array.isArray(inputs) ? inputs : [inputs]) as [Tensor];
      if (kwargs['training'] !== true || !layer.trainable || rate === 0) return input;
      const { noise, from, total } = share();
      return tf.tidy(() => {
        const [count = 0, ...rest] = input.shape;
        const draws = tf.randomUniform(
          [total, ...rest],
          0,
          1,
          'float32',
          `${seed}/${noise}/${index}`,
        );
        const own = tf.slice(draws, from, count);
        const kept = tf.cast(tf.greaterEqual(own, rate), 'float32');
        return tf.mul(input, tf.div(kept, 1 - rate));
      });
    };
  });
}

function noisy(layer: Layer): InputError {
  return new InputError({
    code: 'model.layer',
    message: `the layer ${layer.name.slice(0, 80)} (${layer.getClassName()}) draws noise that cannot be repeated`,
    hint: 'use Dropout, whose noise follows from the seed, or take the layer out of the network',
  });
}
