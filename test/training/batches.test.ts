import { expect } from 'chai';
import fc from 'fast-check';

import {
  epochBatches,
  type Images,
  stepsPerEpoch,
  type BatchPlan,
  type MixedBatch,
} from '../../src/training/batches.js';
import { learningRate } from '../../src/training/schedule.js';
import { coded } from '../coded.js';
import { checkOptions, initializerSeed } from '../../src/training/options.js';
import { options } from './fixtures.js';

/** Images of one byte, which is the label. */
function numbered(count: number, from = 0): Images {
  const labels = Int32Array.from({ length: count }, (_, i) => from + i);
  return { shape: { height: 1, width: 1, channels: 1 }, pixels: Uint8Array.from(labels), labels };
}

/** All batches of an epoch. */
async function epoch(plan: BatchPlan, number: number): Promise<MixedBatch[]> {
  const batches: MixedBatch[] = [];
  for await (const batch of epochBatches(plan, number)) batches.push(batch);
  return batches;
}

describe('batches of an epoch', () => {
  const plan: BatchPlan = {
    task: numbered(95),
    triggers: numbered(7, 200),
    batchSize: 10,
    triggersPerBatch: 2,
    seed: 'seed',
  };

  it('show every task image once, each with its own label, and triggers behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(50), fc.integer({ min: 1, max: 100 }), async (at, batchSize) => {
        const batches = await epoch({ ...plan, batchSize }, at);
        expect(batches).to.have.length(stepsPerEpoch(95, batchSize));
        const task = batches.flatMap(({ labels, taskCount }) => [...labels.slice(0, taskCount)]);
        expect(task.sort((a, b) => a - b)).to.deep.equal([...numbered(95).labels]);
        for (const { pixels, labels, count, taskCount } of batches) {
          expect(count).to.equal(taskCount + 2);
          expect([...pixels]).to.deep.equal([...labels]);
          expect(labels.slice(taskCount).every((label) => label >= 200)).to.equal(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('show the triggers in rounds that go on from epoch to epoch', async () => {
    const epochs = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((number) => epoch(plan, number)));
    const shown = epochs.flat().flatMap(({ labels, taskCount }) => [...labels.slice(taskCount)]);
    expect(shown).to.have.length(140);
    for (let round = 0; round < 20; round++) {
      const seen = new Set(shown.slice(7 * round, 7 * round + 7));
      expect(seen.size).to.equal(7);
    }
  });

  it('depend on seed and epoch and nothing else', async () => {
    const first = async (seed: string, number: number): Promise<string> =>
      (await epoch({ ...plan, seed }, number)).map(({ labels }) => labels.join()).join(';');
    expect(await first('seed', 3)).to.equal(await first('seed', 3));
    expect(await first('seed', 3)).not.to.equal(await first('seed', 4));
    expect(await first('seed', 3)).not.to.equal(await first('other', 3));
    expect(initializerSeed('seed')).not.to.equal(initializerSeed('other'));
  });

  it('have names of their own for random draws', async () => {
    const names = (await Promise.all([0, 1, 2].map((number) => epoch(plan, number)))).flat();
    expect(names.map(({ noise }) => noise)).to.deep.equal([...Array(30).keys()]);
  });

  it('without triggers hold the task alone', async () => {
    const [batch] = await epoch({ ...plan, triggers: undefined }, 0);
    expect(batch).to.include({ count: 10, taskCount: 10 });
  });
});

describe('learning-rate schedules', () => {
  const run = { stepsPerEpoch: 10, epochs: 10 };

  it('warm up to the peak and go down without reaching nothing', () => {
    const schedule = { kind: 'warmup', peak: 1, fraction: 0.2 } as const;
    const rates = Array.from({ length: 100 }, (_, step) =>
      learningRate(schedule, { ...run, step }),
    );
    expect(rates[0]).to.equal(0.05);
    expect(rates[19]).to.equal(1);
    expect(Math.max(...rates)).to.equal(1);
    expect(rates[99]).to.be.closeTo(1 / 81, 1e-12);
    for (let i = 20; i < 100; i++) expect(rates[i]).to.be.lessThan(rates[i - 1]!);
  });

  it('decay by steps as the paper does', () => {
    const schedule = { kind: 'steps', rate: 0.1, factor: 0.1, every: 4 } as const;
    const at = (step: number): number => learningRate(schedule, { ...run, step });
    expect(at(39)).to.equal(0.1);
    expect(at(40)).to.be.closeTo(0.01, 1e-12);
    expect(at(80)).to.be.closeTo(0.001, 1e-12);
  });

  it('stay constant', () => {
    expect(learningRate({ kind: 'constant', rate: 0.3 }, { ...run, step: 57 })).to.equal(0.3);
  });

  it('and other options are refused by name when they mean nothing', async () => {
    const bad = [
      { epochs: 0 },
      { batchSize: 1.5 },
      { triggersPerBatch: -1 },
      { schedule: { kind: 'constant', rate: NaN } },
      { schedule: { kind: 'steps', rate: 0.1, factor: 0, every: 1 } },
      { schedule: { kind: 'steps', rate: 0.1, factor: 0.1, every: 0 } },
      { schedule: { kind: 'warmup', peak: 1, fraction: 1 } },
      { optimizer: { kind: 'sgd', momentum: 1, weightDecay: 0 } },
      { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: -1 } },
      { seed: 'x'.repeat(201) },
      { spec: { ...options.spec, preprocessing: { mean: [0], std: [0] } } },
      { spec: { ...options.spec, preprocessing: { mean: [0, 0], std: [1, 1] } } },
    ] as const;
    for (const change of bad) {
      await coded('training.options', () => {
        checkOptions({ ...options, ...change });
      });
    }
  });
});
