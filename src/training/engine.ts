import type { Shape } from '../base/index.js';

/** How pixels become the network's input: `(pixel / 255 − mean[c]) / std[c]` for each channel c. */
export interface Preprocessing {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A network, before it has weights: one logit a class, or softmax scores where its topology ends in a softmax. */
export interface ModelSpec {
  /** One of `architectures`; where there is a topology, the name that `topologyName` gives it. */
  readonly architecture: string;
  /** `modelTopology` of a TensorFlow.js layers model, for a network that is none of ours. */
  readonly topology?: object;
  readonly shape: Shape;
  readonly classes: number;
  readonly preprocessing: Preprocessing;
}

export type OptimizerSpec =
  | { readonly kind: 'adam' }
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number };

/** A named tensor outside any backend. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** All that training has learned: restoring it and going on gives the same result as never having stopped. */
export interface EngineState {
  readonly weights: readonly NamedArray[];
  /** The optimiser's accumulators and step count. */
  readonly optimizer: readonly NamedArray[];
}

/** Which weights training may change: all, or those of the head, the last layer that has any. */
export type Trainable = 'all' | 'head';

/** One batch: `count` images of the model's shape one after another, and their labels. */
export interface Batch {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  readonly count: number;
  /** Probabilities to learn in place of the labels, count × classes row-major. */
  readonly targets?: Float32Array | undefined;
  /** Names what is drawn at random for this batch (dropout); 0 where it is not given. */
  readonly noise?: number | undefined;
}

export interface StepResult {
  /** Mean softmax cross-entropy of the batch. */
  readonly loss: number;
  /** For each image of the batch 1 if the forward pass of this step classified it as labelled, else 0. */
  readonly correct: Uint8Array;
}

/** Trains one network; hides the backend and the number of workers. */
export interface Engine {
  /** What runs, for a person: "wasm (SIMD), 2 workers". */
  readonly description: string;
  /** One optimiser step on one batch (softmax cross-entropy, mean over the batch). */
  step(batch: Batch, learningRate: number): Promise<StepResult>;
  /** Logits, `count` × classes row-major. */
  predict(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** Gradient of the sum of the images' losses by their bytes, in the order of the pixels; the network as when it predicts. */
  pixelGradient(batch: Batch): Promise<Float32Array>;
  state(): Promise<EngineState>;
  restore(state: EngineState): Promise<void>;
  /** Replaces the weights; the optimiser starts afresh. */
  load(weights: readonly NamedArray[]): Promise<void>;
  /** Frees every tensor and worker. The engine cannot be used afterwards. */
  close(): Promise<void>;
}
