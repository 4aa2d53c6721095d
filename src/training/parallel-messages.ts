import type { ErrorDetails } from '../base/index.js';
import type { Batch, EngineState, ModelSpec, OptimizerSpec, StepResult } from './engine.js';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly spec: ModelSpec;
  readonly optimizer: OptimizerSpec;
  readonly seed: number;
  /** This worker's index, below the number of workers. */
  readonly index: number;
  readonly workers: number;
  /** The memory of the barrier between the workers. */
  readonly barrier: SharedArrayBuffer;
}

/** Requests to a worker, answered in their order. `prepare` comes first. */
export type Request =
  /** Hands over the memory of the gradients: 2 × workers × size floats (float32), for even and for odd steps. */
  | { readonly kind: 'prepare'; readonly gradients: SharedArrayBuffer }
  /** All workers step together; this one takes `part` of a batch of `total` images, possibly none. */
  | {
      readonly kind: 'step';
      readonly part: Batch;
      readonly total: number;
      readonly learningRate: number;
    }
  | { readonly kind: 'predict'; readonly pixels: Uint8Array; readonly count: number }
  | { readonly kind: 'state' }
  | { readonly kind: 'restore'; readonly state: EngineState };

export interface Replies {
  /** The part's share of the batch's mean loss. */
  readonly step: StepResult;
  readonly predict: Float32Array;
  readonly state: EngineState;
  readonly prepare: null;
  readonly restore: null;
}

/** Answers; the first, unasked, is the number of trainable weights. */
export type Reply =
  | { readonly ok: true; readonly value: Replies[Request['kind']] | number }
  /** An `InputError` of the worker. Anything else ends the worker. */
  | { readonly ok: false; readonly error: ErrorDetails };
