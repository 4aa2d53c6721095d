import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import type { Engine, EngineState } from '../../src/training/engine.js';
import type { LocalEngineOptions } from '../../src/training/local-engine.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import { coded } from '../coded.js';
import { adam, distance, noise, sgd, small } from './engines.js';

const spec = small('cnn');
const batch = noise(spec, 8);

function engine(options: Partial<LocalEngineOptions> = {}): Promise<Engine> {
  return createLocalEngine({ spec, optimizer: adam, backend: 'wasm', seed: 3, ...options });
}

async function train(trained: Engine, steps: number, from = 0): Promise<EngineState> {
  for (let i = from; i < from + steps; i++) await trained.step(noise(spec, 8, i), 0.01);
  return trained.state();
}

describe('training/local-engine', () => {
  for (const optimizer of [adam, sgd]) {
    it(`learns a batch by heart with ${optimizer.kind}`, async () => {
      const trained = await engine({ optimizer });
      const first = await trained.step(batch, 0.01);
      for (let i = 0; i < 60; i++) await trained.step(batch, 0.01);
      const last = await trained.step(batch, 0.01);
      expect(first.loss).to.be.greaterThan(1);
      expect(last.loss).to.be.lessThan(0.1);
      expect([...last.correct]).to.deep.equal(Array(8).fill(1));
      await trained.close();
    });

    it(`goes on with ${optimizer.kind} as if never stopped`, async () => {
      const whole = await engine({ optimizer });
      const half = await train(whole, 3);
      const end = await train(whole, 3, 3);
      const restored = await engine({ optimizer, seed: 99, state: half });
      expect(await train(restored, 3, 3)).to.deep.equal(end);
      expect(await restored.predict(batch.pixels, 8)).to.deep.equal(
        await whole.predict(batch.pixels, 8),
      );
      await whole.close();
      await restored.close();
    });
  }

  it('takes the same steps as on the reference backend', async () => {
    for (const optimizer of [adam, sgd]) {
      const results: EngineState[] = [];
      for (const backend of ['cpu', 'wasm'] as const) {
        const trained = await engine({ backend, optimizer, spec: small('cnn-small') });
        results.push(await train(trained, 2));
        await trained.close();
      }
      expect(distance(results[0]!, results[1]!)).to.be.lessThan(1e-5);
    }
  });

  it('reports the loss and the hits of the step before its update', async () => {
    const trained = await engine();
    const logits = await trained.predict(batch.pixels, 8);
    const { loss, correct } = await trained.step(batch, 0.01);
    let expected = 0;
    batch.labels.forEach((label, i) => {
      const row = [...logits.subarray(5 * i, 5 * i + 5)];
      const total = row.map(Math.exp).reduce((a, b) => a + b);
      expected += (Math.log(total) - row[label]!) / 8;
      expect(correct[i]).to.equal(row.indexOf(Math.max(...row)) === label ? 1 : 0);
    });
    expect(loss).to.be.closeTo(expected, 1e-5);
    await trained.close();
  });

  it('predicts any number of images', async () => {
    const trained = await engine();
    const many = noise(spec, 300);
    const logits = await trained.predict(many.pixels, 300);
    expect(logits.length).to.equal(1500);
    const alone = await trained.predict(many.pixels.subarray(299 * 144), 1);
    alone.forEach((value, k) => {
      expect(value).to.be.closeTo(logits[299 * 5 + k]!, 1e-5);
    });
    await trained.close();
  });

  it('returns a loss that is no number as it is', async () => {
    const trained = await engine({ optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 } });
    await trained.step(batch, Infinity);
    expect((await trained.step(batch, 0.1)).loss).to.satisfy(Number.isNaN);
    await trained.close();
  });

  it('leaves no tensor behind', async () => {
    const start = tf.memory().numTensors;
    const trained = await engine();
    await train(trained, 1);
    const before = tf.memory();
    const state = await train(trained, 3, 1);
    await trained.predict(batch.pixels, 8);
    await trained.restore(state);
    expect(tf.memory().numTensors).to.equal(before.numTensors);
    expect(tf.memory().numDataBuffers).to.equal(before.numDataBuffers);
    await trained.close();
    expect(tf.memory().numTensors).to.equal(start);
  });

  it('refuses batches and states that do not fit', async () => {
    const trained = await engine();
    const { pixels, labels } = batch;
    await coded('engine.batch', () => trained.step({ pixels, labels, count: 7 }, 0.01));
    await coded('engine.batch', () => trained.predict(pixels, 9));
    const high = Int32Array.from(labels).fill(5, 2);
    await coded('engine.batch', () => trained.step({ pixels, labels: high, count: 8 }, 0.01));
    const state = await trained.state();
    await coded('engine.state', () => trained.restore({ ...state, optimizer: [] }));
    expect(await trained.state()).to.deep.equal(state);
    await coded('engine.state', () => engine({ spec: small('mlp'), state }));
    await trained.close();
  });
});
