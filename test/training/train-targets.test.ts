import { expect } from 'chai';

import type { MixedBatch } from '../../src/training/batches.js';
import { createEngine } from '../../src/training/create-engine.js';
import type { TrainOptions } from '../../src/training/options.js';
import { datasetDigest } from '../../src/training/run.js';
import { train, type TrainInput, type TrainResult } from '../../src/training/train.js';
import { dataset, hiddenTriggers, options, regression } from './fixtures.js';

const task = dataset(60, 'task');
const test = dataset(20, 'test');
const machine = { backend: 'wasm', workers: 1 } as const;

/** Trains the network of the options as a command does. */
async function trained(
  input: Partial<TrainInput>,
  changes: Partial<TrainOptions> = {},
): Promise<TrainResult> {
  const all = { ...options, epochs: 2, ...changes };
  const engine = await createEngine(all, machine);
  try {
    return await train({ engine, task, test, options: all, ...input });
  } finally {
    await engine.close();
  }
}

/** `on` for the label, `off` for the other three. */
function targetsOf(labels: Int32Array, on: number, off: number): Float32Array {
  return Float32Array.from({ length: labels.length * 4 }, (_, at) =>
    labels[Math.floor(at / 4)] === at % 4 ? on : off,
  );
}

describe('what training learns', () => {
  it('is the targets in place of the labels, which say what counts as right', async () => {
    const byLabels = await trained({});
    const byTargets = await trained({ task: { ...task, targets: targetsOf(task.labels, 1, 0) } });
    expect(byTargets.state).to.deep.equal(byLabels.state);
    const turned = task.labels.map((label) => (label + 1) % 4);
    const wrong = { task: { ...task, targets: targetsOf(turned, 1, 0) } };
    const almost = targetsOf(task.labels, 1, 0).fill(0.5, 239);
    const other = await trained(wrong, { epochs: 20 });
    expect(other.test.correct).to.be.below(4);
    expect(byTargets.dataDigest).not.to.equal(byLabels.dataDigest);
    expect(byTargets.dataDigest).not.to.equal(datasetDigest({ ...task, targets: almost }));
  });

  it('is smoothed labels as their definition has them, of task and triggers', async () => {
    const triggers = hiddenTriggers();
    const smoothed = await trained({ triggers }, { labelSmoothing: 0.2 });
    const spread = (batch: MixedBatch) =>
      Promise.resolve({ ...batch, targets: targetsOf(batch.labels, 1 - 0.2 + 0.2 / 4, 0.2 / 4) });
    const explicit = await trained({ triggers, prepare: spread });
    const largest = Math.max(
      ...smoothed.state.weights.flatMap(({ data }, i) =>
        Array.from(data, (value, j) => Math.abs(value - explicit.state.weights[i]!.data[j]!)),
      ),
    );
    expect(largest).to.be.below(1e-6);
    const plain = await trained({ triggers });
    expect(smoothed.state).not.to.deep.equal(plain.state);
    const own = { ...task, targets: targetsOf(task.labels, 1, 0) };
    expect((await trained({ task: own }, { labelSmoothing: 0.2 })).state).to.deep.equal(
      (await trained({})).state,
    );
  });

  it('is targets for task images and labels for the triggers behind them', async () => {
    const seen: MixedBatch[] = [];
    const engine = regression();
    const targets = Float32Array.from({ length: 240 }, (_, at) => at);
    await train({
      engine: {
        ...engine,
        step: (batch, rate) => {
          seen.push(batch as MixedBatch);
          return engine.step(batch, rate);
        },
      },
      task: { ...task, targets },
      test,
      triggers: hiddenTriggers(),
      options: { ...options, epochs: 1 },
    });
    const rows = seen.flatMap(({ targets: all, taskCount, labels, count }) => {
      for (let i = taskCount; i < count; i++) {
        const row = [0, 1, 2, 3].map((k) => (k === labels[i] ? 1 : 0));
        expect([...all!.subarray(4 * i, 4 * i + 4)]).to.deep.equal(row);
      }
      return Array.from({ length: taskCount }, (_, i) => {
        const row = [...all!.subarray(4 * i, 4 * i + 4)];
        const index = row[0]! / 4;
        expect(row).to.deep.equal([0, 1, 2, 3].map((k) => 4 * index + k));
        expect(labels[i]).to.equal(task.labels[index]);
        return index;
      });
    });
    expect(rows.sort((a, b) => a - b)).to.deep.equal([...Array(60).keys()]);
  });

  it('is what `prepare` makes of each batch', async () => {
    const black = (batch: MixedBatch) =>
      Promise.resolve({ ...batch, pixels: new Uint8Array(batch.pixels.length) });
    const { state } = await train({ engine: regression(), task, test, options, prepare: black });
    expect(state.weights[0]!.data.every((weight) => weight === 0)).to.equal(true);
  });

  it('is never the triggers that are only watched', async () => {
    const watched = hiddenTriggers();
    const epochs: unknown[] = [];
    const result = await train({
      engine: regression(),
      task,
      test,
      watched,
      options,
      onProgress: (progress) => {
        if (progress.kind === 'epoch') epochs.push(progress.triggers);
      },
    });
    const without = await train({ engine: regression(), task, test, options });
    expect(result.state).to.deep.equal(without.state);
    expect(result.triggers!.total).to.equal(8);
    expect(epochs).to.have.length(3);
    expect(epochs.at(-1)).to.deep.equal(result.triggers);
    expect(without.triggers).to.equal(undefined);
    const own = await train({
      engine: regression(),
      task,
      test,
      triggers: hiddenTriggers(),
      watched: test,
      options,
    });
    expect(own.triggers).to.deep.equal(own.test);
  });
});
