import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { decodeCheckpoint } from '../../src/training/checkpoint.js';
import type { TrainProgress } from '../../src/training/progress.js';
import { train } from '../../src/training/train.js';
import { coded } from '../coded.js';
import { dataset, hiddenTriggers, options, regression } from './fixtures.js';

describe('train', () => {
  const task = dataset(200, 'task');
  const test = dataset(40, 'test');
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-train-'));
    path = join(folder, 'run.checkpoint');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('learns the task and the triggers, and tells how it goes', async () => {
    const events: TrainProgress[] = [];
    const { test: accuracy, triggers } = await train({
      engine: regression(),
      task,
      test,
      triggers: hiddenTriggers(),
      options: { ...options, epochs: 20 },
      onProgress: (event) => events.push(event),
    });
    expect(accuracy.total).to.equal(40);
    expect(accuracy.correct).to.be.at.least(38);
    expect(triggers).to.deep.equal({ correct: 8, total: 8 });
    expect(events[0]).to.include({ kind: 'start', stepsPerEpoch: 20, resumedEpochs: 0 });
    const steps = events.filter((event) => event.kind === 'step');
    expect(steps).to.have.length(400);
    expect(steps.at(-1)).to.include({ epoch: 20, step: 20, secondsLeft: 0 });
    expect(steps.at(-1)!.imagesPerSecond).to.be.greaterThan(0);
    const epochs = events.filter((event) => event.kind === 'epoch');
    expect(epochs).to.have.length(20);
    expect(epochs[19]!.loss).to.be.lessThan(epochs[0]!.loss);
    expect(epochs[19]!.triggerAccuracy).to.be.greaterThan(0.9);
  });

  it('starts from a base model when there is one', async () => {
    const base = await train({ engine: regression(), task, test, options });
    const events: TrainProgress[] = [];
    const result = await train({
      engine: regression(),
      base: base.state.weights,
      task,
      test,
      triggers: hiddenTriggers(),
      options,
      onProgress: (event) => events.push(event),
    });
    expect(result.initialDigest).not.to.equal(base.initialDigest);
    const first = events.find((event) => event.kind === 'epoch')!;
    expect(first.trainAccuracy).to.be.greaterThan(0.8);
  });

  it('stops after the current step, keeps the last checkpoint whole, and says how to go on', async () => {
    const controller = new AbortController();
    const events: TrainProgress[] = [];
    const error = await coded('training.stopped', () =>
      train({
        engine: regression(),
        task,
        test,
        options,
        checkpoint: { path, resume: false },
        signal: controller.signal,
        onProgress: (event) => {
          events.push(event);
          if (event.kind === 'step' && event.epoch === 2 && event.step === 5) controller.abort();
        },
      }),
    );
    expect(error.message).to.include(path);
    expect(error.hint).to.include('--resume');
    expect(events.at(-1)).to.include({ kind: 'step', epoch: 2, step: 5 });
    expect(decodeCheckpoint(await readFile(path)).epoch).to.equal(1);
    expect(await readdir(folder)).to.deep.equal(['run.checkpoint']);
  });

  it('refuses to start from weights that are no numbers', async () => {
    const base = (await regression().state()).weights.map((weight) => ({
      ...weight,
      data: weight.data.map((value, i) => (i === 3 ? NaN : value)),
    }));
    const error = await coded('training.base', () =>
      train({ engine: regression(), base, task, test, options }),
    );
    expect(error.message).to.match(/weights w are not all finite/);
    expect(error.hint).to.match(/./);
  });

  it('lets a signal through between steps that never wait', async () => {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 5);
    const error = await coded('training.stopped', () =>
      train({
        engine: regression(),
        task,
        test,
        options: { ...options, epochs: 10_000 },
        signal: controller.signal,
      }),
    );
    expect(error.hint).to.match(/start again/);
  });

  for (const [what, value] of [
    ['NaN', NaN],
    ['infinite', Infinity],
  ] as const) {
    it(`stops at ${what} loss, names epoch and batch, and keeps the last good checkpoint`, async () => {
      const error = await coded('training.diverged', () =>
        train({
          engine: regression({ lossAt: (step) => (step === 27 ? value : 1) }),
          task,
          test,
          options,
          checkpoint: { path, resume: false },
        }),
      );
      expect(error.message).to.include('epoch 2, batch 7').and.include(path);
      expect(decodeCheckpoint(await readFile(path)).epoch).to.equal(1);
    });
  }

  it('writes no checkpoint of weights that are not finite', async () => {
    const engine = regression();
    const broken = { name: 'w', shape: [1], data: Float32Array.of(NaN) };
    let asked = 0;
    const error = await coded('training.diverged', () =>
      train({
        engine: {
          ...engine,
          state: async () => ({
            ...(await engine.state()),
            ...(asked++ > 0 && { weights: [broken] }),
          }),
        },
        task,
        test,
        options,
        checkpoint: { path, resume: false },
      }),
    );
    expect(error.message).to.include('epoch 1, batch 20');
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('refuses data and triggers that do not fit, naming both sides', async () => {
    const run = (change: object) => () =>
      train({ engine: regression(), task, test, options, ...change });
    const flat = { height: 4, width: 9, channels: 1 };
    const shape = await coded('training.shape', run({ task: { ...task, shape: flat } }));
    expect(shape.message).to.include('4x9x1').and.include('6x6x1');
    await coded('training.shape', run({ test: { ...test, shape: flat } }));
    const two = await coded('training.classes', run({ task: { ...task, classNames: ['a', 'b'] } }));
    expect(two.message).to.include('2 classes').and.include('4');
    const labels = task.labels.map((label) => label + 1);
    const label = await coded('training.classes', run({ task: { ...task, labels } }));
    expect(label.message).to.include('label 4');
    const turned = { ...task, classNames: [...task.classNames].reverse() };
    const order = await coded(
      'training.classes',
      run({ task: turned, triggers: hiddenTriggers() }),
    );
    expect(order.message).to.include('class 0');
    const none = { pixels: new Uint8Array(), labels: new Int32Array() };
    await coded('training.data', run({ task: { ...task, ...none } }));
  });

  it('embeds nothing but the hidden triggers of a commitment', async () => {
    const copy = Object.assign({}, hiddenTriggers()) as never;
    await coded('training.triggers', () =>
      train({ engine: regression(), task, test, options, triggers: copy }),
    );
  });

  it('overwrites no checkpoint of an earlier run', async () => {
    const checkpoint = { path, resume: false };
    await train({ engine: regression(), task, test, options, checkpoint });
    const again = () => train({ engine: regression(), task, test, options, checkpoint });
    const error = await coded('checkpoint.exists', again);
    expect(error.hint).to.include('--resume');
  });
});
