import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect } from 'chai';

import { selectBackend } from '../../../src/training/backend.js';
import type { Engine, EngineState, ModelSpec } from '../../../src/training/engine.js';
import { createLocalEngine } from '../../../src/training/local-engine.js';
import { synchroniseBatchNorm } from '../../../src/training/models/batch-norm.js';
import { createParallelEngine } from '../../../src/training/parallel-engine.js';
import { distance, noise, sgd, small } from '../engines.js';

const shape = [5, 4, 3, 2];

async function normaliser(shape: readonly number[]): Promise<LayersModel> {
  const layers = await import('@tensorflow/tfjs-layers');
  const layer = layers.layers.batchNormalization({
    inputShape: shape.slice(1),
    epsilon: 1e-3,
    momentum: 0.9,
    gammaInitializer: layers.initializers.constant({ value: 1.5 }),
    betaInitializer: layers.initializers.constant({ value: -0.5 }),
  });
  return layers.sequential({ layers: [layer] });
}

/** Value and gradients of a weighted sum of the model's output, and its moving statistics afterwards. */
function measure(model: LayersModel, x: tf.Tensor, weights: tf.Tensor) {
  const loss = (input: tf.Tensor) =>
    tf.sum<tf.Scalar>(tf.mul(model.apply(input, { training: true }) as tf.Tensor, weights));
  const byInput = tf.grad(loss)(x).arraySync();
  const variables = model.trainableWeights.map((weight) => weight.read() as unknown as tf.Variable);
  const { value, grads } = tf.variableGrads(() => loss(x), variables);
  const byWeight = variables.map(({ name }) => Array.from(grads[name]!.dataSync()));
  const moving = model.nonTrainableWeights.map((w) => Array.from(w.read().dataSync()));
  return { value: value.dataSync()[0]!, byInput, byWeight, moving };
}

describe('training/models/batch-norm', () => {
  before(() => selectBackend('wasm'));

  for (const channels of [2, 8]) {
    const how = channels % 4 === 0 ? 'kernels of its own' : 'TensorFlow’s kernels';
    it(`computes what TensorFlow’s own layer computes, with the same gradients, by ${how}`, async () => {
      const shape = [5, 4, 3, channels];
      const x = tf.randomNormal(shape, 3, 2, 'float32', 1);
      const weights = tf.randomNormal(shape, 0, 1, 'float32', 2);
      const [theirs, ours] = [await normaliser(shape), await normaliser(shape)];
      synchroniseBatchNorm(ours);
      const [expected, found] = [theirs, ours].map((model) => measure(model, x, weights));
      expect(found!.value).to.be.closeTo(expected!.value, 1e-3);
      const flat = (value: unknown): number[] => (value as number[][]).flat(Infinity) as number[];
      for (const field of ['byInput', 'byWeight'] as const) {
        flat(found![field]).forEach((value, i) => {
          expect(value).to.be.closeTo(flat(expected![field])[i]!, 2e-4);
        });
      }
      // The variance that moves is the unbiased one: 60 values a channel.
      const [mean, variance] = expected!.moving;
      const unbiased = variance!.map((value) => 0.81 + (value - 0.81) * (60 / 59));
      [...mean!, ...unbiased].forEach((value, i) => {
        expect(found!.moving.flat()[i]).to.be.closeTo(value, 2e-4);
      });
    });
  }

  it('leaves a frozen layer as it is, in training too', async () => {
    const model = await normaliser(shape);
    synchroniseBatchNorm(model);
    model.layers[0]!.trainable = false;
    const x = tf.randomNormal(shape, 3, 2, 'float32', 1);
    const before = model.getWeights().map((weight) => weight.arraySync());
    const trained = (model.apply(x, { training: true }) as tf.Tensor).arraySync();
    expect(trained).to.deep.equal((model.apply(x) as tf.Tensor).arraySync());
    expect(model.getWeights().map((weight) => weight.arraySync())).to.deep.equal(before);
  });

  it('gives the same weights to the bit, every time', async () => {
    const spec: ModelSpec = { ...small('resnet20'), shape: { height: 9, width: 9, channels: 1 } };
    const trained = async (create: () => Promise<Engine>): Promise<EngineState> => {
      const engine = await create();
      for (const count of [6, 8]) await engine.step(noise(spec, count, count), 0.05);
      const state = await engine.state();
      await engine.close();
      return state;
    };
    const options = { spec, optimizer: sgd, seed: 5 };
    for (const create of [
      () => createLocalEngine({ ...options, backend: 'wasm' }),
      () => createParallelEngine({ ...options, workers: 2 }),
    ]) {
      expect(distance(await trained(create), await trained(create))).to.equal(0);
    }
  });

  it('sees the whole batch, however many workers share it', async function () {
    this.timeout(60_000);
    const spec: ModelSpec = { ...small('resnet20'), shape: { height: 8, width: 8, channels: 1 } };
    const options = { spec, optimizer: sgd, seed: 5 };
    const engines: Engine[] = [
      await createLocalEngine({ ...options, backend: 'wasm' }),
      await createParallelEngine({ ...options, workers: 3 }),
    ];
    // The last batch has fewer images than there are workers.
    for (const count of [7, 8, 2]) {
      const batch = noise(spec, count, count);
      const [one, three] = await Promise.all(engines.map((engine) => engine.step(batch, 0.01)));
      expect(three!.loss).to.be.closeTo(one!.loss, 1e-3);
    }
    const [one, three] = await Promise.all(engines.map((engine) => engine.state()));
    expect(distance(one!, three!)).to.be.lessThan(2e-3);
    const moving = three!.weights.filter(({ name }) => name.includes('moving_mean'));
    expect(moving.some(({ data }) => data.some((value) => value !== 0))).to.equal(true);
    const batch = noise(spec, 5);
    const [a, b] = await Promise.all(engines.map((engine) => engine.pixelGradient(batch)));
    expect(Math.max(...a!.map((value, i) => Math.abs(value - b![i]!)))).to.be.lessThan(1e-4);
    await Promise.all(engines.map((engine) => engine.close()));
  });
});
