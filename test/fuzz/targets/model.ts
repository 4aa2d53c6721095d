import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readLayers } from '../../../src/network/index.js';
import { readModelFiles } from '../../../src/training/model-files.js';
import { loadModelFolder } from '../../../src/training/loaded-model.js';
import { type FuzzTarget, jsonSeed } from '../target.js';
import { temporaryPath } from '../temporary.js';

const dense = {
  class_name: 'Dense',
  config: {
    name: 'dense',
    units: 2,
    activation: 'softmax',
    use_bias: true,
    batch_input_shape: [null, 4],
  },
};
const flatten = {
  class_name: 'Flatten',
  config: { name: 'flatten', batch_input_shape: [null, 2, 2, 1] },
};
const convolution = {
  class_name: 'Conv2D',
  config: {
    name: 'conv',
    filters: 1,
    kernel_size: [2, 2],
    strides: [1, 1],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    activation: 'relu',
    use_bias: false,
    batch_input_shape: [null, 2, 2, 1],
  },
};
const weight = (name: string, ...shape: number[]) => ({ name, shape, dtype: 'float32' });
const denseWeights = [weight('dense/kernel', 4, 2), weight('dense/bias', 2)];

function modelJson(layers: readonly object[], weights: readonly object[]): Uint8Array {
  return jsonSeed({
    format: 'layers-model',
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'sequential', layers },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  });
}

const seeds = () => [
  modelJson([flatten, dense], denseWeights),
  modelJson([convolution, flatten, dense], [weight('conv/kernel', 2, 2, 1, 1), ...denseWeights]),
];

/** Puts a model folder beside weights that are enough for the seeds. */
function folderOf(input: Uint8Array): string {
  const folder = temporaryPath('model');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.json'), input);
  writeFileSync(join(folder, 'weights.bin'), new Uint8Array(4 * 14));
  return folder;
}

/** A foreign model's `model.json`, as the reader of integer networks sees it. */
export const modelTopology: FuzzTarget = {
  name: 'model-topology',
  seeds,
  run: async (input) => {
    const { topology, weightSpecs } = await readModelFiles(folderOf(input));
    const weights = weightSpecs.map(({ name, shape }) => ({
      name,
      shape,
      data: new Float32Array(
        Math.min(
          4096,
          shape.reduce((a, b) => a * b, 1),
        ),
      ),
    }));
    return readLayers(topology, weights)
      .map(({ operation }) => operation.kind)
      .slice(0, 4)
      .join();
  },
};

/** The same, loaded for asking. */
export const modelFolder: FuzzTarget = {
  name: 'model-folder',
  quick: 20,
  seeds,
  run: async (input) => {
    // What TensorFlow says of a model to a person is of no use here.
    Reflect.set(globalThis.console, 'warn', () => undefined);
    const folder = folderOf(input);
    const model = await loadModelFolder(folder, { backend: 'cpu' });
    try {
      const { height, width, channels } = model.spec.shape;
      const scores = await model.predict(new Uint8Array(height * width * channels), 1);
      return String(scores.length > 2);
    } finally {
      model.dispose();
    }
  },
};
