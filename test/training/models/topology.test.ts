import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import { selectBackend } from '../../../src/training/backend.js';
import type { ModelSpec } from '../../../src/training/engine.js';
import { createLocalEngine } from '../../../src/training/local-engine.js';
import { buildModel } from '../../../src/training/models/build.js';
import {
  isTopologyName,
  seededTopology,
  topologyName,
  withClasses,
} from '../../../src/training/models/topology.js';
import { createParallelEngine } from '../../../src/training/parallel-engine.js';
import { coded } from '../../coded.js';
import { distance, noise, sgd } from '../engines.js';

/** A network of somebody else: sequential or a graph, with dropout and a softmax at the end. */
async function foreign(kind: 'sequential' | 'graph' | 'activation'): Promise<object> {
  const { layers, sequential, model, input } = await import('@tensorflow/tfjs-layers');
  const list = [
    layers.flatten({ inputShape: [4, 4, 1] }),
    layers.dense({ units: 8, activation: 'relu' }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 3, activation: kind === 'activation' ? 'linear' : 'softmax' }),
    ...(kind === 'activation' ? [layers.softmax()] : []),
  ];
  if (kind !== 'graph') return parsed(sequential({ layers: list }));
  const inputs = input({ shape: [4, 4, 1] });
  let output = inputs;
  for (const layer of list) output = layer.apply(output) as typeof inputs;
  return parsed(model({ inputs, outputs: output }));
}

function parsed(model: { toJSON(unused: undefined, string: boolean): unknown }): object {
  return model.toJSON(undefined, false) as object;
}

const preprocessing = { mean: [0], std: [1] };

function specOf(topology: object, classes = 3): ModelSpec {
  const shape = { height: 4, width: 4, channels: 1 };
  return { architecture: topologyName(topology), topology, shape, classes, preprocessing };
}

describe('training/models/topology', () => {
  before(() => selectBackend('wasm'));

  for (const kind of ['sequential', 'graph', 'activation'] as const) {
    it(`starts a ${kind} network of somebody else from a seed, without its softmax`, async () => {
      const spec = specOf(await foreign(kind));
      const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => buildModel(spec, seed)));
      const image = tf.ones([1, 4, 4, 1]);
      const [first, again, other] = [a!, b!, c!].map((model) =>
        Array.from((model.apply(image) as tf.Tensor).dataSync()),
      );
      expect(again).to.deep.equal(first);
      expect(other).not.to.deep.equal(first);
      expect(first!.reduce((sum, value) => sum + value)).not.to.be.closeTo(1, 1e-3);
    });

    it(`gives a ${kind} network another head`, async () => {
      const topology = withClasses(await foreign(kind), 7);
      const model = await buildModel(specOf(topology, 7), 1);
      expect(model.outputShape).to.deep.equal([null, 7]);
    });
  }

  it('repeats dropout exactly, however many workers share a batch', async () => {
    const options = { spec: specOf(await foreign('graph')), optimizer: sgd, seed: 4 };
    const engines = [
      await createLocalEngine({ ...options, backend: 'wasm' }),
      await createLocalEngine({ ...options, backend: 'wasm' }),
      await createParallelEngine({ ...options, workers: 2 }),
    ];
    const steps = [1, 2].map((salt) => ({ ...noise(options.spec, 6, salt), noise: salt }));
    for (const batch of steps) {
      await Promise.all(engines.map((engine) => engine.step(batch, 0.1)));
    }
    const [one, again, two] = await Promise.all(engines.map((engine) => engine.state()));
    expect(again).to.deep.equal(one);
    expect(distance(one!, two!)).to.be.lessThan(1e-5);
    // The same images under another name lose other values.
    await engines[0]!.restore(one!);
    await engines[1]!.restore(one!);
    const [a, b] = [
      await engines[0]!.step({ ...steps[0]!, noise: 8 }, 0.1),
      await engines[1]!.step({ ...steps[0]!, noise: 9 }, 0.1),
    ];
    expect(a.loss).not.to.equal(b.loss);
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('is named after all it says', async () => {
    const topology = await foreign('sequential');
    expect(isTopologyName(topologyName(topology))).to.equal(true);
    expect(isTopologyName('resnet18')).to.equal(false);
    expect(topologyName(seededTopology(topology, 1))).not.to.equal(topologyName(topology));
    expect(topologyName(structuredClone(topology))).to.equal(topologyName(topology));
  });

  it('refuses what is no network, has no dense head, or draws noise without a seed', async () => {
    const { layers, sequential } = await import('@tensorflow/tfjs-layers');
    for (const broken of [{}, { config: [] }, { class_name: 'Sequential', config: [{}] }]) {
      await coded('model.load', () => buildModel(specOf(broken), 1));
    }
    const pooled = sequential({
      layers: [
        layers.conv2d({ filters: 3, kernelSize: 2, inputShape: [4, 4, 1] }),
        layers.globalAveragePooling2d({}),
      ],
    });
    expect(() => withClasses(parsed(pooled), 4))
      .to.throw()
      .with.property('code', 'model.head');
    const noisy = sequential({
      layers: [
        layers.flatten({ inputShape: [4, 4, 1] }),
        layers.gaussianNoise({ stddev: 1 }),
        layers.dense({ units: 3 }),
      ],
    });
    await coded('model.layer', () =>
      createLocalEngine({ spec: specOf(parsed(noisy)), optimizer: sgd, seed: 1, backend: 'wasm' }),
    );
  });
});
