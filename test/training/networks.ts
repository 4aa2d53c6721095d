import type { layers as Layers } from '@tensorflow/tfjs-layers';

import { selectBackend } from '../../src/training/backend.js';
import type { ModelSpec } from '../../src/training/engine.js';
import { topologyName } from '../../src/training/models/topology.js';
import { shape } from './fixtures.js';

type Layer = ReturnType<typeof Layers.dense>;

/** A network for the images of the fixtures, four classes, without any of ours. */
export async function sequential(list: (layers: typeof Layers) => object[]): Promise<ModelSpec> {
  await selectBackend('wasm');
  const tf = await import('@tensorflow/tfjs-layers');
  const { height, width, channels } = shape;
  const input = tf.layers.inputLayer({ inputShape: [height, width, channels], name: 'image' });
  const model = tf.sequential({ layers: [input, ...(list(tf.layers) as Layer[])] });
  const topology = model.toJSON(undefined, false) as unknown as object;
  model.dispose();
  const preprocessing = { mean: [0.4], std: [0.3] };
  return { architecture: topologyName(topology), topology, shape, classes: 4, preprocessing };
}

/** A convolution, its normalisation and a dense layer: smooth, so that differences tell gradients. */
export function normalised(): Promise<ModelSpec> {
  return sequential((layers) => [
    layers.conv2d({ filters: 5, kernelSize: 3, activation: 'tanh', name: 'conv' }),
    layers.batchNormalization({ name: 'normal' }),
    layers.flatten({ name: 'flatten' }),
    layers.dense({ units: 6, activation: 'tanh', name: 'dense' }),
    layers.dense({ units: 4, name: 'logits' }),
  ]);
}

/** As somebody else would build it: dropout, and a softmax at the end. */
export function foreign(): Promise<ModelSpec> {
  return sequential((layers) => [
    layers.flatten({ name: 'flatten' }),
    layers.dense({ units: 16, activation: 'relu', name: 'hidden' }),
    layers.dropout({ rate: 0.25, name: 'dropout' }),
    layers.dense({ units: 4, activation: 'softmax', name: 'scores' }),
  ]);
}
