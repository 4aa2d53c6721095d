import type { ErrorDetails } from '../base/index.js';
import type { Batch, EngineState, NamedArray, StepResult } from './engine.js';
import type { EngineOptions } from './local-engine.js';
import type { Part } from './trainer.js';

/** What a worker is started with. */
export interface WorkerSetup extends EngineOptions {
  /** This worker's index, below the number of workers. */
  readonly index: number;
  readonly workers: number;
  /** The memory of the barrier between the workers. */
  readonly barrier: SharedArrayBuffer;
  /** The memory through which the workers add up what batch normalisation needs. */
  readonly exchange: SharedArrayBuffer;
}

/** Requests to a worker, answered in their order. `prepare` comes first. */
export type Request =
  /** Hands over the memory of the gradients: 2 × workers × size floats (float32), for even and for odd steps. */
  | { readonly kind: 'prepare'; readonly gradients: SharedArrayBuffer }
  /** All workers step together; this one takes a part of the batch, possibly none. */
  | ({
      readonly kind: 'step';
      readonly part: Batch;
      readonly learningRate: number;
    } & Part)
  | { readonly kind: 'predict'; readonly pixels: Uint8Array; readonly count: number }
  | { readonly kind: 'pixelGradient'; readonly part: Batch }
  | { readonly kind: 'state' }
  | { readonly kind: 'restore'; readonly state: EngineState }
  | { readonly kind: 'load'; readonly weights: readonly NamedArray[] };

export interface Replies {
  /** The part's share of the batch's mean loss. */
  readonly step: StepResult;
  readonly predict: Float32Array;
  readonly pixelGradient: Float32Array;
  readonly state: EngineState;
  readonly prepare: null;
  readonly restore: null;
  readonly load: null;
}

/** Answers; the first, unasked, is the number of trainable weights. */
export type Reply =
  | { readonly ok: true; readonly value: Replies[Request['kind']] | number }
  /** An `InputError` of the worker. Anything else ends the worker. */
  | { readonly ok: false; readonly error: ErrorDetails };
