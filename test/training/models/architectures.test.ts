import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect } from 'chai';

import type { Shape } from '../../../src/base/index.js';
import { architectures } from '../../../src/training/models/architectures.js';
import { buildModel } from '../../../src/training/models/build.js';
import { selectBackend } from '../../../src/training/backend.js';
import type { ModelSpec } from '../../../src/training/engine.js';
import { coded } from '../../coded.js';

const preprocessing = { mean: [0], std: [1] };
const grey: Shape = { height: 28, width: 28, channels: 1 };
const names = architectures.map(({ name }) => name);
const small = ['mlp', 'cnn-small', 'cnn-medium', 'cnn', 'lenet5'];

function specOf(architecture: string, shape = grey): ModelSpec {
  return { architecture, shape, classes: 10, preprocessing };
}

/** Number of ReLUs: the outputs of every layer with that activation. */
function relus(model: LayersModel): number {
  return model.layers
    .filter((layer) => layer.getConfig()['activation'] === 'relu')
    .map(({ outputShape }) => (outputShape as number[]).slice(1).reduce((a, b) => a * b))
    .reduce((a, b) => a + b);
}

const weightsOf = (model: LayersModel): number[] =>
  model.getWeights().flatMap((weight) => [...weight.dataSync()]);

describe('training/architectures', () => {
  before(() => selectBackend('wasm'));

  for (const [name, count] of Object.entries({
    mlp: 128,
    'cnn-small': 880,
    'cnn-medium': 2328,
    cnn: 18880,
    lenet5: 6508,
  })) {
    it(`builds ${name} of ${count} ReLUs on 28x28x1`, async () => {
      const model = await buildModel(specOf(name), 1);
      expect(model.outputShape).to.deep.equal([null, 10]);
      expect(relus(model)).to.equal(count);
      model.dispose();
    });
  }

  it('lists every architecture with one line', () => {
    expect(names.join(' ')).to.equal('mlp cnn-small cnn-medium cnn lenet5 vgg11 resnet20 resnet18');
    for (const { description } of architectures) expect(description).to.match(/^.{10,90}$/);
  });

  // As in PyTorch, by hand: convolutions without bias, two weights a channel for each normalisation, a dense head.
  for (const [name, count] of Object.entries({
    vgg11: 9_228_362,
    resnet20: 272_474,
    resnet18: 11_171_274,
  })) {
    it(`builds ${name} of ${count} trainable weights on 32x32x3`, async () => {
      const model = await buildModel(specOf(name, { height: 32, width: 32, channels: 3 }), 1);
      expect(model.outputShape).to.deep.equal([null, 10]);
      const sizes = model.trainableWeights.map((weight) => weight.read().size);
      expect(sizes.reduce((a, b) => a + b)).to.equal(count);
      model.dispose();
    });
  }

  it('takes colour images of any sides', async () => {
    for (const name of small) {
      const model = await buildModel(specOf(name, { height: 33, width: 21, channels: 3 }), 1);
      expect(model.outputShape).to.deep.equal([null, 10]);
      model.dispose();
    }
  });

  it('draws the weights from the seed', async () => {
    for (const name of [...small, 'resnet20']) {
      const [a, b, c] = await Promise.all([7, 7, 8].map((seed) => buildModel(specOf(name), seed)));
      const [first, again, other] = [a!, b!, c!].map(weightsOf);
      expect(again).to.deep.equal(first);
      expect(other).not.to.deep.equal(first);
      for (const model of [a!, b!, c!]) model.dispose();
    }
  });

  it('refuses an unknown name and lists the known', async () => {
    const { hint } = await coded('architecture.unknown', () => buildModel(specOf('vgg19'), 1));
    for (const name of names) expect(hint).to.include(name);
  });

  it('refuses images too small for the network', () =>
    coded('architecture.shape', () =>
      buildModel(specOf('cnn', { height: 3, width: 3, channels: 1 }), 1),
    ));
});
