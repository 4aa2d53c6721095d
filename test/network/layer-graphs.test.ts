import * as tf from '@tensorflow/tfjs-layers';
import { expect } from 'chai';

import { runNetwork } from '../../src/network/index.js';
import { selectBackend } from '../../src/training/backend.js';
import { agree } from './agree.js';
import {
  add,
  apply,
  chain,
  drawWeights,
  expectClose,
  floatLogits,
  join,
  type Layer,
  layersOf,
  quantised,
  randomImages,
  uniform,
} from './models.js';

const { layers } = tf;
const same = 'same' as const;
const end = (): Layer[] => [layers.flatten(), layers.dense({ units: 3 })];
const conv = (filters = 4): Layer => layers.conv2d({ filters, kernelSize: 3 });
const normal = (): Layer => layers.batchNormalization();

describe('network/graphs of layers', () => {
  before(() => selectBackend('cpu'));

  const graphs: Record<string, (x: tf.SymbolicTensor) => tf.SymbolicTensor> = {
    'a residual sum': (x) => {
      const a = apply(
        layers.conv2d({ filters: 3, kernelSize: 3, padding: same, activation: 'relu' }),
        x,
      );
      const b = apply(
        normal(),
        apply(layers.conv2d({ filters: 3, kernelSize: 3, padding: same }), a),
      );
      const c = apply(layers.reLU(), add(a, b));
      const d = add(c, a, b);
      return chain(d, layers.maxPooling2d({ poolSize: 2 }), ...end());
    },
    'a joined input': (x) => {
      const a = apply(
        layers.conv2d({ filters: 2, kernelSize: 3, padding: same, activation: 'relu' }),
        x,
      );
      const b = apply(layers.conv2d({ filters: 3, kernelSize: 1 }), x);
      const both = join(a, x, apply(normal(), a), b);
      return chain(
        both,
        layers.depthwiseConv2d({ kernelSize: 3, padding: same }),
        layers.reLU(),
        ...end(),
      );
    },
    'a joined input, each channel by itself': (x) => {
      const a = chain(x, layers.conv2d({ filters: 2, kernelSize: 1, activation: 'relu' }));
      const two = layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: same });
      return chain(join(a, x, apply(normal(), a)), two, layers.reLU(), ...end());
    },
    'a joined and pooled input': (x) => {
      const a = apply(
        layers.conv2d({ filters: 2, kernelSize: 3, padding: same, activation: 'relu' }),
        x,
      );
      const b = apply(layers.maxPooling2d({ poolSize: 3, strides: 1, padding: same }), a);
      const c = apply(layers.averagePooling2d({ poolSize: 3, strides: 1, padding: same }), a);
      const both = layers.concatenate({ axis: 3 }).apply([a, b, x, c]) as tf.SymbolicTensor;
      const pooled = apply(layers.averagePooling2d({ poolSize: 2, padding: same }), both);
      return chain(pooled, layers.zeroPadding2d(), ...end());
    },
    'joined flat values': (x) => {
      const a = chain(x, layers.flatten(), layers.dense({ units: 4 }));
      const b = chain(
        x,
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 2, activation: 'relu' }),
      );
      const both = join(a, b, a);
      return chain(both, layers.reLU(), layers.dense({ units: 3 }));
    },
    'a ReLU that two take': (x) => {
      const a = chain(x, conv(3), layers.reLU());
      const b = chain(a, layers.maxPooling2d({ poolSize: 2 }), layers.flatten());
      const c = chain(a, layers.flatten());
      return apply(layers.dense({ units: 3 }), join(b, c));
    },
    'one tensor added to itself': (x) => {
      const a = chain(x, conv(3));
      return chain(add(a, a), layers.reLU(), ...end());
    },
  };

  for (const [name, make] of Object.entries(graphs)) {
    it(`quantises ${name} as TensorFlow computes it`, async () => {
      const input = tf.input({ shape: [6, 5, 2] });
      const model = tf.model({ inputs: input, outputs: make(input) });
      drawWeights(model, name);
      const network = await expectClose(model, name);
      for (const image of randomImages(network.shape, 2, 'other')) agree(network, image);
      model.dispose();
    });
  }

  it('leaves out a softmax at the end, as a layer or an activation', async () => {
    for (const last of [
      [layers.dense({ units: 3, activation: 'softmax' })],
      [layers.dense({ units: 3 }), layers.softmax()],
      [layers.dense({ units: 3 }), layers.activation({ activation: 'softmax' })],
    ]) {
      const model = tf.sequential({
        layers: [layers.flatten({ inputShape: [4, 4, 1] }), ...last],
      });
      drawWeights(model, 'softmax');
      const images = randomImages({ height: 4, width: 4, channels: 1 }, 3, 'softmax');
      const network = quantised(await layersOf(model), images);
      for (const image of images) {
        const powers = [...runNetwork(network, image).logits].map((one) =>
          Math.exp(one * network.logitScale),
        );
        const total = powers.reduce((a, b) => a + b);
        floatLogits(model, image).forEach((value, k) => {
          expect(powers[k]! / total).to.be.closeTo(value, 0.001);
        });
      }
      model.dispose();
    }
  });

  it('quantises random chains of layers as TensorFlow computes them', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const next = uniform(`chain ${seed}`);
      const among = <T>(...all: readonly T[]): T => all[Math.floor(next() * all.length)]!;
      const make = (): Layer => {
        const padding = among<'same' | 'valid'>('same', 'valid');
        const strides = among(1, 2);
        const window = { padding, strides };
        return among(
          () => layers.conv2d({ filters: among(2, 3), kernelSize: among(1, 2, 3), ...window }),
          () => layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: among(1, 2), ...window }),
          () => layers.separableConv2d({ filters: 2, kernelSize: 2, ...window }),
          () => layers.maxPooling2d({ poolSize: among(1, 2, 3), ...window }),
          () => layers.averagePooling2d({ poolSize: among(2, 3), ...window }),
          () => layers.zeroPadding2d({ padding: 1 }),
          normal,
          () => layers.reLU(),
          () => layers.leakyReLU({ alpha: 0.25 }),
        )();
      };
      const input = tf.input({ shape: [9, 8, among(1, 2, 3)] });
      let x = input;
      for (
        let depth = 0;
        depth < 6 && Math.min(...(x.shape.slice(1, 3) as number[])) > 2;
        depth++
      ) {
        const [before, y] = [x, apply(make(), x)];
        x = y;
        if (String(before.shape) === String(y.shape) && next() < 0.5) {
          x = add(before, y);
        }
      }
      const model = tf.model({ inputs: input, outputs: chain(x, ...end()) });
      drawWeights(model, `chain ${seed}`);
      const network = await expectClose(model, `chain ${seed}`);
      agree(network, randomImages(network.shape, 1, 'other')[0]!);
      model.dispose();
    }
  });
});
