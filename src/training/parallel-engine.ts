import { InputError, sizeOf } from '../base/index.js';
import { Crew } from './crew.js';
import { checkBatch, checkPixels } from './engine-batch.js';
import type { Engine, EngineState, ModelSpec, OptimizerSpec } from './engine.js';

export interface ParallelEngineOptions {
  readonly spec: ModelSpec;
  readonly optimizer: OptimizerSpec;
  /** Seed of the initial weights. */
  readonly seed: number;
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
  const { spec, optimizer, seed, workers } = options;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new InputError({
      code: 'engine.workers',
      message: `${workers} is not a number of workers`,
      hint: 'give a whole number, at most the number of cores',
    });
  }
  const crew = await Crew.start({ spec, optimizer, seed, workers });
  const restore = async (state: EngineState): Promise<void> => {
    await crew.all(() => ({ kind: 'restore', state }));
  };
  try {
    if (options.state !== undefined) await restore(options.state);
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
        const { from, to, pixels } = share({ spec, pixels: batch.pixels, total, index, workers });
        const part = { pixels, labels: batch.labels.slice(from, to), count: to - from };
        return { kind: 'step', part, total, learningRate };
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
        const part = share({ spec, pixels, total: count, index, workers });
        return { kind: 'predict', pixels: part.pixels, count: part.to - part.from };
      });
      const logits = new Float32Array(count * spec.classes);
      let filled = 0;
      for (const part of results) {
        logits.set(part, filled);
        filled += part.length;
      }
      return logits;
    },
    state: () => crew.ask(0, { kind: 'state' }),
    restore,
    close: () => crew.end(),
  };
}

/** The worker's part of `total` images: from `from` up to but without `to`, copied. */
function share(options: {
  spec: ModelSpec;
  pixels: Uint8Array;
  total: number;
  index: number;
  workers: number;
}): { from: number; to: number; pixels: Uint8Array } {
  const { spec, pixels, total, index, workers } = options;
  const from = Math.floor((total * index) / workers);
  const to = Math.floor((total * (index + 1)) / workers);
  const size = sizeOf(spec.shape);
  return { from, to, pixels: pixels.slice(from * size, to * size) };
}
