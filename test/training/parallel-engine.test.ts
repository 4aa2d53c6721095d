import { expect } from 'chai';

import { Crew } from '../../src/training/crew.js';
import type { Engine, EngineState } from '../../src/training/engine.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import { createParallelEngine } from '../../src/training/parallel-engine.js';
import { coded } from '../coded.js';
import { adam, distance, noise, sgd, small } from './engines.js';

const spec = small('cnn');
const options = { spec, optimizer: adam, seed: 3 };
const batch = noise(spec, 9);

async function train(engine: Engine, steps: number, from = 0): Promise<EngineState> {
  for (let i = from; i < from + steps; i++) await engine.step(noise(spec, 9, i), 0.01);
  return engine.state();
}

describe('training/parallel-engine', function () {
  this.slow(5000);

  it('is the local engine when it has one worker', async () => {
    const [local, parallel] = await Promise.all([
      createLocalEngine({ ...options, backend: 'wasm' }),
      createParallelEngine({ ...options, workers: 1 }),
    ]);
    expect(await parallel.step(batch, 0.01)).to.deep.equal(await local.step(batch, 0.01));
    expect(await parallel.state()).to.deep.equal(await local.state());
    expect(await parallel.predict(batch.pixels, 9)).to.deep.equal(
      await local.predict(batch.pixels, 9),
    );
    await local.close();
    await parallel.close();
  });

  // Adam divides each gradient by its own size, so that next to zero rounding decides: losses agree, some weights do not.
  for (const [optimizer, bound] of [
    [sgd, 1e-6],
    [adam, 0.02],
  ] as const) {
    it(`gives the same with any number of workers, beyond rounding: ${optimizer.kind}`, async () => {
      const engines = await Promise.all([
        createLocalEngine({ ...options, optimizer, backend: 'wasm' }),
        createParallelEngine({ ...options, optimizer, workers: 2 }),
        createParallelEngine({ ...options, optimizer, workers: 3 }),
      ]);
      const [one, ...others] = await Promise.all(engines.map((engine) => train(engine, 4)));
      const results = await Promise.all(engines.map((engine) => engine.step(batch, 0.01)));
      for (const state of others) expect(distance(one!, state)).to.be.lessThan(bound);
      for (const { loss, correct } of results) {
        expect(loss).to.be.closeTo(results[0]!.loss, 1e-4);
        expect(correct).to.deep.equal(results[0]!.correct);
      }
      expect(engines[1].description).to.equal('wasm, 2 workers');
      await Promise.all(engines.map((engine) => engine.close()));
    });
  }

  it('takes batches smaller than the crew, and goes on as if never stopped', async () => {
    const engine = await createParallelEngine({ ...options, workers: 2 });
    await engine.step(noise(spec, 1), 0.01);
    const half = await train(engine, 2);
    const end = await train(engine, 2, 2);
    await engine.restore(half);
    expect(await train(engine, 2, 2)).to.deep.equal(end);
    await engine.close();
    const restored = await createParallelEngine({ ...options, workers: 2, seed: 9, state: half });
    expect(await train(restored, 2, 2)).to.deep.equal(end);
    await coded('engine.state', () => restored.restore({ weights: [], optimizer: [] }));
    await coded('engine.batch', () => restored.step({ ...batch, count: 8 }, 0.01));
    expect(await restored.state()).to.deep.equal(end);
    await restored.close();
  });

  it('passes on what a worker refuses', async () => {
    const unknown = { ...spec, architecture: 'vgg' };
    await coded('architecture.unknown', () =>
      createParallelEngine({ ...options, spec: unknown, workers: 1 }),
    );
    await coded('engine.workers', () => createParallelEngine({ ...options, workers: 0 }));
  });

  it('ends everyone when a worker dies in the middle of a step', async () => {
    const crew = await Crew.start({ ...options, workers: 2 });
    const broken = { ...batch, pixels: undefined as unknown as Uint8Array };
    const step = crew.all((index) => ({
      kind: 'step',
      part: index === 0 ? batch : broken,
      from: 0,
      total: 18,
      learningRate: 0.01,
    }));
    await coded('engine.worker', () => step);
    await coded('engine.worker', () => crew.ask(0, { kind: 'state' }));
    await crew.end();
  });

  it('answers nothing once closed', async () => {
    const engine = await createParallelEngine({ ...options, workers: 1 });
    const step = engine.step(batch, 0.01);
    const late = coded('engine.worker', () => step);
    await engine.close();
    await late;
    await coded('engine.worker', () => engine.state());
    await engine.close();
  });
});
