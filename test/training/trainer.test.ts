import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import type { Batch, Engine, ModelSpec, NamedArray } from '../../src/training/engine.js';
import { createLocalEngine, type EngineOptions } from '../../src/training/local-engine.js';
import { createParallelEngine } from '../../src/training/parallel-engine.js';
import { coded } from '../coded.js';
import { adam, distance, noise, sgd, small } from './engines.js';
import { spec as plain } from './fixtures.js';
import { normalised } from './networks.js';

function engineOf(spec: ModelSpec, options: Partial<EngineOptions> = {}): Promise<Engine> {
  return createLocalEngine({ spec, optimizer: sgd, seed: 5, backend: 'wasm', ...options });
}

async function train(engine: Engine, spec: ModelSpec, steps = 3): Promise<readonly NamedArray[]> {
  for (let i = 0; i < steps; i++) await engine.step(noise(spec, 8, i), 0.05);
  return (await engine.state()).weights;
}

/** Sum of the images' cross-entropies, from what the network predicts. */
async function lossOf(engine: Engine, { pixels, labels, count, targets }: Batch): Promise<number> {
  const logits = await engine.predict(pixels, count);
  const classes = logits.length / count;
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const row = [...logits.subarray(i * classes, (i + 1) * classes)];
    const norm = Math.log(row.map(Math.exp).reduce((a, b) => a + b));
    row.forEach((score, k) => {
      loss += (targets?.[i * classes + k] ?? (labels[i] === k ? 1 : 0)) * (norm - score);
    });
  }
  return loss;
}

const count = 3;
const soft = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.7, 0.1, 0.1, 0.1, 0, 0.5, 0.5, 0);

describe('training/trainer', function () {
  this.slow(2000);
  let smooth: ModelSpec;

  before(async () => {
    smooth = await normalised();
  });

  for (const [what, targets] of [
    ['labels', undefined],
    ['targets', soft],
  ] as const) {
    it(`gives the gradient by the bytes that differences show, for ${what}, past a normalisation`, async () => {
      const engine = await engineOf(smooth);
      await train(engine, smooth);
      const batch = { ...noise(smooth, count, 9), targets };
      for (const [i, byte] of batch.pixels.entries()) {
        batch.pixels[i] = Math.min(250, Math.max(5, byte));
      }
      const gradient = await engine.pixelGradient(batch);
      expect(gradient.length).to.equal(count * 36);
      const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).to.be.greaterThan(1e-4);
      for (let at = 0; at < gradient.length; at += 5) {
        const moved = async (step: number): Promise<number> => {
          const pixels = batch.pixels.slice();
          pixels[at]! += step;
          return lossOf(engine, { ...batch, pixels });
        };
        const difference = ((await moved(4)) - (await moved(-4))) / 8;
        expect(gradient[at]).to.be.closeTo(difference, 0.003 * largest);
      }
      await engine.close();
    });
  }

  it('gives that gradient by each channel’s own deviation, and an image’s apart from the others', async () => {
    const colour = { height: 6, width: 6, channels: 3 };
    const of = (std: number[]) => ({
      ...plain,
      shape: colour,
      preprocessing: { mean: std.map((deviation) => 0.2 - 0.3 * deviation), std },
    });
    const [one, other] = [of([1, 1, 1]), of([1, 2, 4])];
    const grey = { pixels: new Uint8Array(216).fill(51), labels: Int32Array.of(1, 3), count: 2 };
    const gradients: Float32Array[] = [];
    for (const spec of [one, other]) {
      const engine = await engineOf(spec);
      gradients.push(await engine.pixelGradient(grey));
      const alone = await engine.pixelGradient({
        pixels: new Uint8Array(108).fill(51),
        labels: Int32Array.of(3),
        count: 1,
      });
      alone.forEach((value, i) => {
        expect(value).to.be.closeTo(gradients.at(-1)![108 + i]!, 1e-7);
      });
      await engine.close();
    }
    // Both networks see 0.3 everywhere.
    expect(gradients[0]!.some((value) => Math.abs(value) > 1e-5)).to.equal(true);
    gradients[0]!.forEach((value, i) => {
      expect(gradients[1]![i]).to.be.closeTo(value / [1, 2, 4][i % 3]!, 1e-7);
    });
  });

  it('changes the head alone when told so, to the bit, also moving statistics', async () => {
    for (const optimizer of [sgd, adam]) {
      const engine = await engineOf(smooth, { optimizer, trainable: 'head' });
      const base = await engine.state();
      const after = await train(engine, smooth, 4);
      const changed = after.filter(({ data }, i) => {
        const before = base.weights[i]!.data;
        return data.some((value, j) => value !== before[j]);
      });
      expect(changed.map(({ name }) => name)).to.deep.equal(['logits/kernel', 'logits/bias']);
      await engine.close();
    }
  });

  it('keeps zeros that are loaded, under momentum and weight decay, and no others', async () => {
    const engine = await engineOf(smooth, { keepZeros: true });
    const { weights } = await engine.state();
    const pruned = weights.map((weight) => {
      if (weight.shape.length < 2) return { ...weight, data: weight.data.map((v) => v || 0.1) };
      return { ...weight, data: weight.data.map((value, i) => (i % 3 === 0 ? 0 : value)) };
    });
    await engine.load(pruned);
    const after = await train(engine, smooth, 5);
    after.forEach(({ name, shape, data }) => {
      if (name.includes('moving')) return;
      const zeros = [...data.keys()].filter((i) => data[i] === 0);
      const wanted = [...data.keys()].filter((i) => shape.length >= 2 && i % 3 === 0);
      expect(zeros, name).to.deep.equal(wanted);
    });
    await engine.load(weights);
    const freed = await train(engine, smooth, 5);
    const kernel = freed.find(({ name }) => name === 'dense/kernel')!;
    expect(kernel.data.every((value) => value !== 0)).to.equal(true);
    await engine.close();
  });

  it('learns one-hot targets as it learns labels', async () => {
    const [byLabels, byTargets] = [await engineOf(smooth), await engineOf(smooth)];
    for (let i = 0; i < 3; i++) {
      const batch = noise(smooth, 8, i);
      const targets = new Float32Array(32);
      batch.labels.forEach((label, at) => (targets[4 * at + label] = 1));
      const [a, b] = [
        await byLabels.step(batch, 0.05),
        await byTargets.step({ ...batch, targets }, 0.05),
      ];
      expect(b).to.deep.equal(a);
    }
    expect(await byTargets.state()).to.deep.equal(await byLabels.state());
    await byLabels.close();
    await byTargets.close();
  });

  it('says the mean cross-entropy of soft targets, and learns those', async () => {
    const engine = await engineOf(plain, { optimizer: adam });
    const batch = { ...noise(plain, count), targets: soft };
    const expected = (await lossOf(engine, batch)) / count;
    expect((await engine.step(batch, 0.01)).loss).to.be.closeTo(expected, 1e-5);
    for (let i = 0; i < 200; i++) await engine.step(batch, 0.01);
    const logits = await engine.predict(batch.pixels, count);
    for (let i = 0; i < count; i++) {
      const powers = [...logits.subarray(4 * i, 4 * i + 4)].map(Math.exp);
      const sum = powers.reduce((a, b) => a + b);
      powers.forEach((power, k) => {
        expect(power / sum).to.be.closeTo(soft[4 * i + k]!, 0.05);
      });
    }
    await engine.close();
  });

  it('starts the optimiser afresh with the weights that it loads', async () => {
    for (const optimizer of [sgd, adam]) {
      const [used, fresh] = [
        await engineOf(smooth, { optimizer }),
        await engineOf(smooth, { optimizer }),
      ];
      const weights = await train(used, smooth, 4);
      await used.load(weights);
      await fresh.load(weights);
      expect((await used.state()).optimizer).to.deep.equal((await fresh.state()).optimizer);
      expect(await train(used, smooth)).to.deep.equal(await train(fresh, smooth));
      await used.close();
      await fresh.close();
    }
  });

  it('gives with workers what it gives without', async () => {
    const options = { trainable: 'head', keepZeros: true } as const;
    const crew = { spec: smooth, optimizer: sgd, seed: 5, workers: 2 };
    const engines = [
      await engineOf(smooth, options),
      await createParallelEngine({ ...crew, ...options }),
    ] as const;
    const start = (await engines[0].state()).weights;
    const pruned = start.map((weight) => ({
      ...weight,
      data: weight.data.map((value, i) => (i % 3 === 0 ? 0 : value)),
    }));
    const batch = { ...noise(smooth, count, 3), targets: soft };
    const [local, parallel] = await Promise.all(
      engines.map(async (engine) => {
        await train(engine, smooth);
        await engine.load(pruned);
        const { loss } = await engine.step(batch, 0.05);
        await train(engine, smooth);
        const gradient = await engine.pixelGradient(batch);
        const single = await engine.pixelGradient({
          ...noise(smooth, 1, 4),
          targets: soft.slice(0, 4),
        });
        return { loss, state: await engine.state(), gradient, single };
      }),
    );
    expect(parallel!.loss).to.be.closeTo(local!.loss, 1e-5);
    expect(distance(local!.state, parallel!.state)).to.be.lessThan(1e-5);
    local!.gradient.forEach((value, i) => {
      expect(parallel!.gradient[i]).to.be.closeTo(value, 1e-6);
    });
    local!.single.forEach((value, i) => {
      expect(parallel!.single[i]).to.be.closeTo(value, 1e-6);
    });
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('leaves no tensor behind by any of this', async () => {
    const start = tf.memory().numTensors;
    for (const options of [{ trainable: 'head' }, { keepZeros: true, optimizer: adam }] as const) {
      const engine = await engineOf(smooth, options);
      const weights = await train(engine, smooth, 1);
      const batch = { ...noise(smooth, count), targets: soft };
      await engine.step(batch, 0.01);
      const before = tf.memory();
      for (let i = 0; i < 3; i++) {
        await engine.step(batch, 0.01);
        await engine.pixelGradient(batch);
        await engine.load(weights);
      }
      expect(tf.memory().numTensors).to.equal(before.numTensors);
      expect(tf.memory().numDataBuffers).to.equal(before.numDataBuffers);
      await engine.close();
    }
    expect(tf.memory().numTensors).to.equal(start);
  });

  it('refuses targets and weights of another size, and keeps what it has', async () => {
    const engine = await engineOf(plain);
    const batch = noise(plain, 2);
    const targets = new Float32Array(7);
    await coded('engine.batch', () => engine.step({ ...batch, targets }, 0.1));
    await coded('engine.batch', () => engine.pixelGradient({ ...batch, targets }));
    await coded('engine.batch', () => engine.pixelGradient({ ...batch, count: 3 }));
    const before = await engine.state();
    await coded('engine.state', () => engine.load(before.weights.slice(1)));
    const other = await engineOf(small('mlp'));
    const foreign = (await other.state()).weights;
    await coded('engine.state', () => engine.load(foreign));
    expect(await engine.state()).to.deep.equal(before);
    await engine.close();
    await other.close();
  });
});
