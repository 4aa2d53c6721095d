import * as tf from '@tensorflow/tfjs-layers';

import { selectBackend } from '../../src/training/backend.js';
import { agree, checkAt } from './agree.js';
import { chain, drawWeights, expectClose, type Layer, randomImages } from './models.js';

const { layers } = tf;
const same = 'same' as const;
const end = (): Layer[] => [layers.flatten(), layers.dense({ units: 3 })];
const conv = (filters = 4): Layer => layers.conv2d({ filters, kernelSize: 3 });
const normal = (): Layer => layers.batchNormalization();

/** Every kind of layer, alone and before or after those that change how it is quantised. */
const chains: Record<string, () => Layer[]> = {
  dense: () => [
    layers.flatten(),
    layers.dense({ units: 6, activation: 'relu' }),
    layers.dense({ units: 3 }),
  ],
  'dense on pixels': () => [layers.dense({ units: 4, activation: 'relu' }), ...end()],
  'dense without bias': () => [layers.flatten(), layers.dense({ units: 3, useBias: false })],
  'two dense in a row': () => [
    layers.flatten(),
    layers.dense({ units: 5 }),
    layers.dense({ units: 3 }),
  ],
  convolution: () => [conv(), layers.reLU(), ...end()],
  'convolution, flatten': () => [conv(), ...end()],
  'strided and padded': () => [
    layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: [2, 1], padding: same }),
    layers.activation({ activation: 'relu' }),
    layers.conv2d({ filters: 3, kernelSize: 4, strides: 2, padding: same, activation: 'relu' }),
    ...end(),
  ],
  dilated: () => [
    layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: same }),
    layers.reLU(),
    ...end(),
  ],
  'linear convolutions in a row, padded': () => [
    layers.conv2d({ filters: 3, kernelSize: 3, padding: same }),
    layers.conv2d({ filters: 3, kernelSize: 3, padding: same }),
    ...end(),
  ],
  depthwise: () => [
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: same, strides: 2 }),
    layers.reLU(),
    ...end(),
  ],
  separable: () => [
    layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, activation: 'relu' }),
    ...end(),
  ],
  'normalisation before ReLU': () => [conv(), normal(), layers.reLU(), ...end()],
  'normalisation after ReLU': () => [
    conv(),
    layers.reLU(),
    normal(),
    layers.conv2d({ filters: 3, kernelSize: 3, padding: same, activation: 'relu' }),
    ...end(),
  ],
  'normalisation of pixels, without scale or centre': () => [
    layers.batchNormalization({ scale: false }),
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 1],
      ],
    }),
    conv(),
    layers.batchNormalization({ center: false }),
    ...end(),
  ],
  'normalisation of flat values': () => [
    layers.flatten(),
    layers.dense({ units: 6, activation: 'relu' }),
    layers.batchNormalization({ axis: 1 }),
    layers.dense({ units: 3 }),
    normal(),
  ],
  'ReLU then maximum': () => [
    conv(),
    layers.reLU(),
    layers.maxPooling2d({ poolSize: 2 }),
    ...end(),
  ],
  'maximum then ReLU': () => [
    conv(),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.reLU(),
    ...end(),
  ],
  'maximum alone, overlapping, padded': () => [
    conv(),
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: same }),
    ...end(),
  ],
  'maximum of normalised ReLU': () => [
    conv(),
    layers.reLU(),
    normal(),
    layers.maxPooling2d({ poolSize: [2, 3], strides: [2, 1] }),
    ...end(),
  ],
  'maximum of pixels': () => [
    layers.maxPooling2d({ poolSize: 2 }),
    conv(2),
    layers.reLU(),
    ...end(),
  ],
  'maximum of maxima': () => [
    conv(),
    layers.reLU(),
    layers.maxPooling2d({ poolSize: 2, strides: 1 }),
    layers.maxPooling2d({ poolSize: 2, strides: 1 }),
    layers.reLU(),
    ...end(),
  ],
  average: () => [conv(), layers.reLU(), layers.averagePooling2d({ poolSize: 2 }), ...end()],
  'average at the border': () => [
    conv(),
    layers.reLU(),
    normal(),
    layers.averagePooling2d({ poolSize: 3, strides: 2, padding: same }),
    ...end(),
  ],
  'average of a linear layer': () => [
    layers.conv2d({ filters: 3, kernelSize: 3, padding: same }),
    layers.averagePooling2d({ poolSize: 3, strides: 1, padding: same }),
    layers.reLU(),
    ...end(),
  ],
  'average of pixels with a bias at each place': () => [
    layers.zeroPadding2d(),
    layers.averagePooling2d({ poolSize: 2, strides: 1 }),
    ...end(),
  ],
  'global average': () => [
    conv(),
    layers.reLU(),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: 3 }),
  ],
  'global maximum': () => [conv(3), layers.globalMaxPooling2d({})],
  'global maximum of ReLU': () => [
    conv(),
    layers.reLU(),
    layers.globalMaxPooling2d({}),
    layers.dense({ units: 3 }),
  ],
  'leaky ReLU': () => [
    conv(),
    layers.leakyReLU({ alpha: 0.125 }),
    conv(3),
    layers.leakyReLU({ alpha: 0.5 }),
    ...end(),
  ],
  'leaky ReLU then maximum': () => [
    conv(),
    layers.leakyReLU({ alpha: 0.25 }),
    layers.maxPooling2d({ poolSize: 2 }),
    ...end(),
  ],
  'padding after ReLU': () => [
    conv(),
    layers.reLU(),
    normal(),
    layers.zeroPadding2d({ padding: 1 }),
    conv(3),
    ...end(),
  ],
  'noise and dropout': () => [
    layers.gaussianNoise({ stddev: 1 }),
    conv(),
    layers.reLU(),
    layers.gaussianDropout({ rate: 0.5 }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 3 }),
    layers.activation({ activation: 'linear' }),
  ],
};

describe('network/layers', () => {
  before(() => selectBackend('cpu'));

  for (const [name, make] of Object.entries(chains)) {
    it(`quantises ${name} as TensorFlow computes it`, async () => {
      for (const channels of [1, 3]) {
        const input = tf.input({ shape: [7, 6, channels] });
        const model = tf.model({ inputs: input, outputs: chain(input, ...make()) });
        drawWeights(model, name);
        const network = await expectClose(model, name);
        const [image] = randomImages(network.shape, 1, name);
        const run = agree(network, image!);
        const { neurons, classes } = network;
        checkAt(network, image!, run!, { rho: 12_345n ** 17n, neurons, room: classes });
        model.dispose();
      }
    });
  }
});
