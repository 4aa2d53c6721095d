import type { BackendChoice } from './backend.js';
import type { Engine, EngineState } from './engine.js';
import { createLocalEngine } from './local-engine.js';
import { initializerSeed, type TrainOptions } from './options.js';
import { createParallelEngine } from './parallel-engine.js';

/** The machine's part of a training run. */
export interface Machine {
  readonly backend: BackendChoice;
  /** Threads on wasm; with more than one the backend is wasm. */
  readonly workers: number;
}

/** The engine that a training run with these options needs. Throws as `createLocalEngine` and `createParallelEngine` do. */
export function createEngine(
  options: Pick<TrainOptions, 'spec' | 'optimizer' | 'seed' | 'trainable' | 'keepZeros'>,
  { backend, workers }: Machine,
  state?: EngineState,
): Promise<Engine> {
  const { spec, optimizer, trainable, keepZeros } = options;
  const seed = initializerSeed(options.seed);
  const common = { spec, optimizer, trainable, keepZeros, seed, ...(state && { state }) };
  return workers > 1
    ? createParallelEngine({ ...common, workers })
    : createLocalEngine({ ...common, backend });
}
