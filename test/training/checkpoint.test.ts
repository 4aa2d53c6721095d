import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { arraysDigest } from '../../src/training/arrays.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpoint.js';
import type { Engine } from '../../src/training/engine.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import { initializerSeed } from '../../src/training/options.js';
import { train, type TrainInput } from '../../src/training/train.js';
import { coded } from '../coded.js';
import { dataset, hiddenTriggers, options, regression } from './fixtures.js';

const task = dataset(100, 'task');
const test = dataset(20, 'test');

/** Aborts after some steps of the given epoch, counted from 1. */
async function stopIn(epoch: number, input: TrainInput): Promise<void> {
  const controller = new AbortController();
  await coded('training.stopped', () =>
    train({
      ...input,
      signal: controller.signal,
      onProgress: (event) => {
        if (event.kind === 'step' && event.epoch === epoch && event.step === 4) controller.abort();
      },
    }),
  );
}

describe('checkpoint', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-checkpoint-'));
    path = join(folder, 'run.checkpoint');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const engines: Record<string, () => Promise<Engine>> = {
    'plain regression': () => Promise.resolve(regression()),
    'an mlp on wasm': () => {
      const { spec, optimizer } = options;
      const seed = initializerSeed(options.seed);
      return createLocalEngine({ spec, optimizer, backend: 'wasm', seed });
    },
  };
  for (const [name, create] of Object.entries(engines)) {
    it(`continues to the same bits as a run without a stop: ${name}`, async () => {
      const run = { task, test, triggers: hiddenTriggers(), options };
      const whole = await train({ ...run, engine: await create() });
      const stopped = { ...run, engine: await create(), checkpoint: { path, resume: false } };
      await stopIn(2, stopped);
      const engine = await create();
      const resumed = await train({ ...run, engine, checkpoint: { path, resume: true } });
      expect(arraysDigest(resumed.state.weights)).to.equal(arraysDigest(whole.state.weights));
      expect(arraysDigest(resumed.state.optimizer)).to.equal(arraysDigest(whole.state.optimizer));
      expect(resumed.test).to.deep.equal(whole.test);
      expect(resumed.initialDigest).to.equal(whole.initialDigest);
    });
  }

  it('of a finished run gives the result without training', async () => {
    const checkpoint = { path, resume: false };
    const whole = await train({ engine: regression(), task, test, options, checkpoint });
    const kinds: string[] = [];
    const again = await train({
      engine: regression(),
      task,
      test,
      options,
      checkpoint: { path, resume: true },
      onProgress: ({ kind }) => kinds.push(kind),
    });
    expect(kinds).to.deep.equal(['start']);
    expect(again).to.deep.equal(whole);
  });

  it('says so when another backend goes on', async () => {
    await stopIn(2, {
      engine: regression(),
      task,
      test,
      options,
      checkpoint: { path, resume: false },
    });
    const started: unknown[] = [];
    await train({
      engine: { ...regression(), description: 'another' },
      task,
      test,
      options,
      checkpoint: { path, resume: true },
      onProgress: (event) => started.push(event),
    });
    expect(started[0]).to.include({ resumedEpochs: 1, otherBackend: 'plain regression' });
  });

  it('of another run is refused, naming what differs', async () => {
    const run = { engine: regression(), task, test, options };
    await stopIn(2, { ...run, checkpoint: { path, resume: false } });
    const resume = (change: object) => () =>
      train({ ...run, engine: regression(), checkpoint: { path, resume: true }, ...change });
    const changes: [string, object][] = [
      ['epochs (3 before, 4 now)', { options: { ...options, epochs: 4 } }],
      ['seed ("a" before, "b" now)', { options: { ...options, seed: 'b' } }],
      ['batchSize', { options: { ...options, batchSize: 20 } }],
      [
        'optimizer',
        { options: { ...options, optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 } } },
      ],
      ['schedule', { options: { ...options, schedule: { kind: 'constant', rate: 0.01 } } }],
      ['data', { task: dataset(100, 'other') }],
      ['commitment ("none" before', { triggers: hiddenTriggers() }],
      ['initialWeights', { base: (await train(run)).state.weights }],
    ];
    for (const [named, change] of changes) {
      const error = await coded('checkpoint.other-run', resume(change));
      expect(error.message).to.include(named);
      expect(error.message).not.to.include(';');
    }
  });

  it('that is missing, truncated or changed in any byte is refused', async () => {
    const run = { engine: regression(), task, test, options };
    const resume = () =>
      train({ ...run, engine: regression(), checkpoint: { path, resume: true } });
    await coded('file.missing', resume);
    await stopIn(2, { ...run, checkpoint: { path, resume: false } });
    const bytes = new Uint8Array(await readFile(path));
    expect(encodeCheckpoint(decodeCheckpoint(bytes))).to.deep.equal(bytes);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at % 8);
      await coded('checkpoint.damaged', () => decodeCheckpoint(flipped));
    }
    for (const length of [0, 1, 25, 31, 32, 33, 400, bytes.length - 1]) {
      await coded('checkpoint.damaged', () => decodeCheckpoint(bytes.subarray(0, length)));
    }
    await writeFile(path, bytes.subarray(0, 700));
    await coded('checkpoint.damaged', resume);
  });
});
