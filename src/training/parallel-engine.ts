import { InputError, sizeOf } from '../base/index.js';
import { Crew } from './crew.js';
import { checkBatch, checkPixels } from './engine-batch.js';
import type { Batch, Engine, EngineState, ModelSpec } from './engine.js';
import type { EngineOptions } from './local-engine.js';

export interface ParallelEngineOptions extends EngineOptions {
  /** Number of worker threads, at least 1. */
  readonly workers: number;
  /** Where to go on from, instead of fresh weights. */
  readonly state?: EngineState;
}

/**
 * Trains on several cores: each worker thread runs WebAssembly on its part of every batch, gradients are summed, and every
 * worker takes the same step. Results do not depend on the number of workers beyond rounding. Throws what `buildModel`
 * throws, `InputError` `engine.state`, `engine.workers`, and `EnvironmentError` `engine.worker` when a worker dies.
 */
export async function createParallelEngine(options: ParallelEngineOptions): Promise<Engine> {
  const { spec, workers, state, ...rest } = options;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new InputError({
      code: 'engine.workers',
      message: `${workers} is not a number of workers`,
      hint: 'give a whole number, at most the number of cores',
    });
  }
  const crew = await Crew.start({ ...rest, spec, workers });
  const restore = async (state: EngineState): Promise<void> => {
    await crew.all(() => ({ kind: 'restore', state }));
  };
  try {
    if (state !== undefined) await restore(state);
  } catch (error) {
    await crew.end();
    throw error;
  }
  return {
    description: `wasm, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    step: async (batch, learningRate) => {
      checkBatch(spec, batch);
      const total = batch.count;
      const results = await crew.all((index) => {
        const { part, from } = share({ spec, batch, index, workers });
        return { kind: 'step', part, from, total, learningRate };
      });
      const correct = new Uint8Array(total);
      let filled = 0;
      for (const part of results) {
        correct.set(part.correct, filled);
        filled += part.correct.length;
      }
      return { loss: results.reduce((sum, { loss }) => sum + loss, 0), correct };
    },
    predict: async (pixels, count) => {
      checkPixels(spec, pixels, count);
      const results = await crew.all((index) => {
        const batch = { pixels, labels: new Int32Array(count), count };
        const { part } = share({ spec, batch, index, workers });
        return { kind: 'predict', pixels: part.pixels, count: part.count };
      });
      return joined(results, count * spec.classes);
    },
    pixelGradient: async (batch) => {
      checkBatch(spec, batch);
      const results = await crew.all((index) => {
        const { part } = share({ spec, batch, index, workers });
        return { kind: 'pixelGradient', part };
      });
      return joined(results, batch.pixels.length);
    },
    state: () => crew.ask(0, { kind: 'state' }),
    restore,
    load: async (weights) => {
      await crew.all(() => ({ kind: 'load', weights }));
    },
    close: () => crew.end(),
  };
}

/** A worker's part of a batch, copied, and where it starts. */
function share(options: { spec: ModelSpec; batch: Batch; index: number; workers: number }): {
  part: Batch;
  from: number;
} {
  const { spec, batch, index, workers } = options;
  const from = Math.floor((batch.count * index) / workers);
  const to = Math.floor((batch.count * (index + 1)) / workers);
  const size = sizeOf(spec.shape);
  const part = {
    pixels: batch.pixels.slice(from * size, to * size),
    labels: batch.labels.slice(from, to),
    count: to - from,
    targets: batch.targets?.slice(from * spec.classes, to * spec.classes),
    noise: batch.noise,
  };
  return { part, from };
}

function joined(parts: readonly Float32Array[], length: number): Float32Array {
  const whole = new Float32Array(length);
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}
