import { guardBackend } from './backend-errors.js';
import type { BackendChoice } from './backend.js';
import { selectBackend } from './backend.js';
import type {
  Engine,
  EngineState,
  ModelSpec,
  NamedArray,
  OptimizerSpec,
  StepResult,
  Trainable,
} from './engine.js';
import { checkBatch, checkPixels, classified } from './engine-batch.js';
import { checkState } from './engine-state.js';
import { buildModel } from './models/build.js';

/** What an engine trains, and how. */
export interface EngineOptions {
  readonly spec: ModelSpec;
  readonly optimizer: OptimizerSpec;
  /** Seed of the initial weights, and of dropout. */
  readonly seed: number;
  /** Default: all weights. */
  readonly trainable?: Trainable | undefined;
  /** Weights that are zero when they are loaded stay zero, as after pruning. */
  readonly keepZeros?: boolean | undefined;
}

export interface LocalEngineOptions extends EngineOptions {
  readonly backend: BackendChoice;
  /** Where to go on from, instead of fresh weights. */
  readonly state?: EngineState;
}

/**
 * Trains in this process, on one backend. Engines of one process share TensorFlow and so must all use one backend. Throws
 * what `selectBackend` and `buildModel` throw, and `InputError` `engine.state`; its methods throw what `guardBackend` does.
 */
export async function createLocalEngine(options: LocalEngineOptions): Promise<Engine> {
  const { spec } = options;
  const backend = await selectBackend(options.backend);
  const { description } = backend;
  const guard = guardBackend(backend, backend.watch);
  const { createTrainer } = await import('./trainer.js');
  const { createOptimizer } = await import('./optimizer.js');
  const trainer = createTrainer(await buildModel(spec, options.seed), options);
  const optimizer = createOptimizer(options.optimizer, trainer.size);

  const restore = (state: EngineState): void => {
    checkState(state, { weights: trainer.slots, optimizer: optimizer.slots });
    trainer.restore(state.weights);
    optimizer.restore(state.optimizer);
  };
  const load = (weights: readonly NamedArray[]): void => {
    checkState({ weights, optimizer: [] }, { weights: trainer.slots, optimizer: [] });
    trainer.restore(weights);
    optimizer.reset();
  };
  const free = (): void => {
    trainer.dispose();
    optimizer.dispose();
  };
  try {
    if (options.state !== undefined) restore(options.state);
  } catch (error) {
    free();
    throw error;
  }

  return {
    description,
    step: async (batch, learningRate): Promise<StepResult> => {
      checkBatch(spec, batch);
      return guard.run(async () => {
        const { loss, gradient, logits } = trainer.gradient(batch, { from: 0, total: batch.count });
        try {
          trainer.update((weights) => optimizer.update(weights, gradient, learningRate));
          const [value, scores] = await Promise.all([
            loss.data<'float32'>(),
            logits.data<'float32'>(),
          ]);
          return { loss: value[0] ?? NaN, correct: classified(scores, batch.labels) };
        } finally {
          for (const tensor of [loss, gradient, logits]) tensor.dispose();
        }
      });
    },
    predict: async (pixels, count) => {
      checkPixels(spec, pixels, count);
      return guard.run(() => trainer.predict(pixels, count));
    },
    pixelGradient: async (batch) => {
      checkBatch(spec, batch);
      return guard.run(() => trainer.pixelGradient(batch));
    },
    state: () =>
      guard.run(async () => ({
        weights: await trainer.weights(),
        optimizer: await optimizer.state(),
      })),
    restore: (state) =>
      guard.run(() => {
        restore(state);
      }),
    load: (weights) =>
      guard.run(() => {
        load(weights);
      }),
    close: () => Promise.resolve().then(free),
  };
}
