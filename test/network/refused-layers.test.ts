import * as tf from '@tensorflow/tfjs-layers';
import { expect } from 'chai';

import { readLayers } from '../../src/network/index.js';
import { selectBackend } from '../../src/training/backend.js';
import { coded } from '../coded.js';
import {
  add,
  apply,
  chain,
  type Layer,
  layersOf,
  quantised,
  randomImages,
  type Saved,
  saved,
} from './models.js';

const { layers } = tf;
const end = (): Layer[] => [layers.flatten(), layers.dense({ units: 3 })];
const shape = { height: 6, width: 6, channels: 2 };
const input = (): tf.SymbolicTensor => tf.input({ shape: [6, 6, 2], name: 'image' });

/** Layers named `odd` of which none is piecewise linear, or none supported. */
const odd: Record<string, () => Layer[]> = {
  tanh: () => [layers.conv2d({ name: 'odd', filters: 2, kernelSize: 3, activation: 'tanh' })],
  sigmoid: () => [layers.activation({ name: 'odd', activation: 'sigmoid' })],
  elu: () => [layers.elu({ name: 'odd' })],
  PReLU: () => [layers.prelu({ name: 'odd' })],
  ReLU6: () => [layers.reLU({ name: 'odd', maxValue: 6 })],
  'relu6 as an activation': () => [layers.activation({ name: 'odd', activation: 'relu6' })],
  'a thresholded ReLU': () => [layers.thresholdedReLU({ name: 'odd' })],
  'a slope of 0.3': () => [layers.leakyReLU({ name: 'odd' })],
  'layer normalisation': () => [layers.layerNormalization({ name: 'odd' })],
  'a softmax in the middle': () => [layers.softmax({ name: 'odd' })],
  'a softmax activation in the middle': () => [
    layers.flatten(),
    layers.dense({ name: 'odd', units: 3, activation: 'softmax' }),
    layers.dense({ units: 3 }),
  ],
  'channels first': () => [
    layers.conv2d({ name: 'odd', filters: 2, kernelSize: 3, dataFormat: 'channelsFirst' }),
  ],
  'pooling with channels first': () => [
    layers.maxPooling2d({ name: 'odd', poolSize: 2, dataFormat: 'channelsFirst' }),
  ],
  'normalisation of rows': () => [layers.batchNormalization({ name: 'odd', axis: 2 })],
  'a transposed convolution': () => [
    layers.conv2dTranspose({ name: 'odd', filters: 2, kernelSize: 3 }),
  ],
  upsampling: () => [layers.upSampling2d({ name: 'odd' })],
  cropping: () => [
    layers.cropping2D({
      name: 'odd',
      cropping: [
        [1, 1],
        [1, 1],
      ],
    }),
  ],
  'reshaping and LSTM': () => [
    layers.reshape({ name: 'odd', targetShape: [9, 8] }),
    layers.lstm({ units: 3, recurrentInitializer: 'glorotUniform' }),
  ],
  'a nested model': () => [
    tf.sequential({ name: 'odd', layers: [layers.dense({ units: 2, inputShape: [6, 6, 2] })] }),
  ],
};

/** Changes of the file of a model with one convolution, which TensorFlow.js would not write. */
const changes: Record<string, (config: Record<string, unknown>) => unknown> = {
  'a stride of 0': (config) => (config['strides'] = [0, 1]),
  'a stride of 1e9': (config) => (config['strides'] = [1e9, 1]),
  'a window of no rows': (config) => (config['kernel_size'] = [0, 3]),
  'a window of three sides': (config) => (config['kernel_size'] = [3, 3, 3]),
  'a causal padding': (config) => (config['padding'] = 'causal'),
  'other filters than its weights': (config) => (config['filters'] = 5),
  'no filters': (config) => (config['filters'] = 0),
  'another name than its weights': (config) => (config['name'] = 'other'),
  'an activation in an object': (config) => (config['activation'] = { class_name: 'relu' }),
};

describe('network/layers that are refused', () => {
  before(() => selectBackend('cpu'));

  for (const [name, make] of Object.entries(odd)) {
    it(`name the layer: ${name}`, async () => {
      const x = input();
      const list = make();
      let y = chain(x, ...list);
      if (y.shape.length > 2) y = apply(layers.flatten(), y);
      const model = tf.model({ inputs: x, outputs: apply(layers.dense({ units: 3 }), y) });
      const { message } = await coded('network.layer', () => layersOf(model));
      expect(message).to.include('"odd"');
      model.dispose();
    });
  }

  it('name the layer that is used twice', async () => {
    const x = input();
    const odd = layers.conv2d({ name: 'odd', filters: 2, kernelSize: 3, padding: 'same' });
    const model = tf.model({ inputs: x, outputs: chain(apply(odd, apply(odd, x)), ...end()) });
    const { message } = await coded('network.layer', () => layersOf(model));
    expect(message).to.include('"odd"').and.include('more than once');
  });

  it('are two outputs, also where one leads to the other', async () => {
    const x = input();
    const a = chain(x, layers.flatten({ name: 'flat' }), layers.dense({ name: 'a', units: 3 }));
    const b = apply(layers.dense({ name: 'b', units: 3 }), a);
    const c = apply(layers.dense({ name: 'c', units: 3 }), a);
    for (const outputs of [
      [b, c],
      [a, b],
    ]) {
      await coded('network.layer', () => layersOf(tf.model({ inputs: x, outputs })));
    }
    const { topology, weights } = await saved(tf.model({ inputs: x, outputs: b }));
    topology.config.output_layers = [['a', 0, 0]];
    const { message } = await coded('network.layer', () => readLayers(topology, weights));
    expect(message).to.include('"b"');
  });

  it('are two inputs, and layers of other sizes', async () => {
    const [x, y] = [input(), tf.input({ shape: [6, 6, 2] })];
    const two = tf.model({ inputs: [x, y], outputs: chain(add(x, y), ...end()) });
    const images = randomImages(shape, 1, 'images');
    const both = await layersOf(two);
    await coded('network.layer', () => quantised(both, images));
    const flat = tf.model({
      inputs: x,
      outputs: chain(x, layers.conv2d({ filters: 2, kernelSize: 3 })),
    });
    const picture = await layersOf(flat);
    await coded('network.layer', () => quantised(picture, images));
    const row = tf.sequential({ layers: [layers.dense({ units: 3, inputShape: [4] })] });
    await coded('network.layer', () => layersOf(row));
  });

  const small = async (): Promise<Saved> => {
    const x = input();
    const odd = layers.conv2d({ name: 'odd', filters: 2, kernelSize: 3 });
    return saved(
      tf.model({
        inputs: x,
        outputs: chain(
          x,
          odd,
          layers.flatten({ name: 'flat' }),
          layers.dense({ name: 'end', units: 3 }),
        ),
      }),
    );
  };

  for (const [name, change] of Object.entries(changes)) {
    it(`have ${name}`, async () => {
      const { topology, weights } = await small();
      const { config } = topology.config.layers.find(({ class_name: kind }) => kind === 'Conv2D')!;
      change(config);
      await coded('network.layer', () =>
        quantised(readLayers(topology, weights), randomImages(shape, 1, 'images')),
      );
    });
  }

  it('have weights that are no numbers, or too few', async () => {
    const { topology, weights } = await small();
    for (const data of [
      new Float32Array(36).fill(NaN),
      new Float32Array(36).fill(Infinity),
      new Float32Array(35),
    ]) {
      const changed = weights.map((one) => (one.name === 'odd/kernel' ? { ...one, data } : one));
      const { message } = await coded('network.layer', () => readLayers(topology, changed));
      expect(message).to.include('"odd"');
    }
  });

  it('take a layer that is missing, or that takes them', async () => {
    for (const name of ['nothing', 'end', 'odd', 'constructor']) {
      const { topology, weights } = await small();
      const layer = topology.config.layers.find(({ config }) => config['name'] === 'odd')!;
      layer.inbound_nodes = [[[name, 0, 0, {}]]];
      await coded('network.layer', () => readLayers(topology, weights));
    }
  });

  it('hide behind a name that the activation of another one takes', async () => {
    const x = input();
    const odd = layers.conv2d({ name: 'a', filters: 2, kernelSize: 3, activation: 'relu' });
    const y = chain(
      x,
      odd,
      layers.flatten({ name: 'a/linear' }),
      layers.dense({ name: 'end', units: 3 }),
    );
    await coded('network.layer', () => layersOf(tf.model({ inputs: x, outputs: y })));
  });

  it('are shown without characters that could forge a line', async () => {
    const { topology, weights } = await small();
    const layer = topology.config.layers.find(({ config }) => config['name'] === 'odd')!;
    layer.class_name = 'LSTM';
    const known = await coded('network.layer', () => readLayers(topology, weights));
    expect(known.message).to.include('"odd" (LSTM)');
    layer.class_name = 'Lambda\n\u202everdict: \u001b[32mproved';
    const { message } = await coded('network.layer', () => readLayers(topology, weights));
    expect(message).to.match(/^[\x20-\x7e]*$/);
  });
});
