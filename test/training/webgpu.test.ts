import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import { selectBackend } from '../../src/training/backend.js';
import { decodeCheckpoint } from '../../src/training/checkpoint.js';
import type { Engine, EngineState } from '../../src/training/engine.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import type { TrainOptions } from '../../src/training/options.js';
import { train } from '../../src/training/train.js';
import { coded } from '../coded.js';
import { adam, distance, noise, sgd, small } from './engines.js';
import { dataset, options } from './fixtures.js';
import { gradientsOfResidualNetwork } from './residual-network.js';
import { needsVulkan, reason, webGpu } from './vulkan.js';

const task = dataset(24, 'task');
const test = dataset(8, 'test');

const engineFor = ({ spec }: TrainOptions): Promise<Engine> =>
  createLocalEngine({ spec, optimizer: adam, backend: 'webgpu', seed: 5 });

describe(`training/webgpu${reason}`, function () {
  this.slow(20_000);

  before(function () {
    needsVulkan(this);
  });
  after(() => selectBackend('wasm'));

  // Adam moves a weight by the rate however small its gradient: where that is all rounding, in either direction.
  for (const [optimizer, bound] of [
    [sgd, 1e-6],
    [adam, 2.01e-3],
  ] as const) {
    it(`takes the same step as wasm: ${optimizer.kind}`, async () => {
      const network = small('cnn');
      const batch = noise(network, 4);
      const losses: number[] = [];
      const states: EngineState[] = [];
      for (const backend of ['webgpu', 'wasm'] as const) {
        const engine = await createLocalEngine({ spec: network, optimizer, backend, seed: 5 });
        expect(engine.description).to.match(new RegExp(`^${backend}`));
        losses.push((await engine.step(batch, 0.001)).loss);
        states.push(await engine.state());
        await engine.close();
      }
      expect(losses[0]).to.be.closeTo(losses[1]!, 1e-5);
      expect(distance(states[0]!, states[1]!)).to.be.lessThan(bound);
    });
  }

  it('trains a network of residual blocks as the reference backend does', async () => {
    await selectBackend('cpu');
    const expected = await gradientsOfResidualNetwork();
    await selectBackend('webgpu');
    const actual = await gradientsOfResidualNetwork();
    expect(Object.keys(actual)).to.deep.equal(Object.keys(expected));
    for (const [name, values] of Object.entries(expected)) {
      const scale = Math.max(1e-3, ...values.map(Math.abs));
      values.forEach((value, i) => {
        expect(actual[name]![i], `${name}[${i}]`).to.be.closeTo(value, 1e-4 * scale);
      });
    }
  });

  it('leaves no tensor behind, and takes no more memory, from epoch to epoch', async () => {
    const recipe = { ...options, spec: { ...options.spec, architecture: 'cnn' } };
    const engine = await engineFor(recipe);
    const seen: object[] = [];
    await train({
      engine,
      task,
      test,
      options: recipe,
      onProgress: ({ kind }) => {
        if (kind !== 'epoch') return;
        const { numTensors, numDataBuffers, numBytes } = tf.memory();
        const { numBytesInGPU, numBytesAllocatedInGPU } = webGpu().memory();
        seen.push({ numTensors, numDataBuffers, numBytes, numBytesInGPU, numBytesAllocatedInGPU });
      },
    });
    await engine.close();
    expect(seen).to.have.length(3);
    expect(seen[2]).to.deep.equal(seen[1]);
  });

  const disasters: [code: string, what: string, happens: () => void][] = [
    [
      'backend.lost',
      'the device is lost',
      () => {
        webGpu().device.destroy();
      },
    ],
    [
      'backend.memory',
      'memory runs out',
      () => {
        const numbers = webGpu().device.limits.maxBufferSize / 4 + 1;
        tf.tidy(() => tf.fill([numbers], 1));
      },
    ],
  ];
  for (const [code, what, happens] of disasters) {
    it(`stops when ${what} in mid-epoch, with the last checkpoint whole`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'veilmark-'));
      const path = join(folder, 'run.checkpoint');
      const engine = await engineFor(options);
      await coded(code, () =>
        train({
          engine,
          task,
          test,
          options,
          checkpoint: { path, resume: false },
          onProgress: (progress) => {
            if (progress.kind === 'step' && progress.epoch === 2 && progress.step === 1) happens();
          },
        }),
      );
      await coded(code, () => engine.state());
      await engine.close();

      expect(decodeCheckpoint(await readFile(path)).epoch).to.equal(1);
      const resumed = await engineFor(options);
      const checkpoint = { path, resume: true };
      const { state } = await train({ engine: resumed, task, test, options, checkpoint });
      const whole = await engineFor(options);
      const unbroken = await train({ engine: whole, task, test, options });
      expect(state).to.deep.equal(unbroken.state);
      await resumed.close();
      await whole.close();
      await rm(folder, { recursive: true });
    });
  }
});
