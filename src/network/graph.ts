import type { Shape } from '../base/index.js';

/** A pair of numbers for the two directions of an image: vertical, horizontal. */
export type Pair = readonly [vertical: number, horizontal: number];

/** Integers of a network that is run, or floats of one that is being quantised. */
export type Weights = Int32Array | Float64Array;

/** One weight a channel, or one an element. Output channels = input channels. */
export interface Scale<W extends Weights = Weights> {
  readonly kind: 'scale';
  readonly weights: W;
}

/** Where the taps of a window fall: input = output · stride + tap · dilation − pad. Outside the input there are zeros. */
export interface Window {
  readonly size: Pair;
  readonly stride: Pair;
  /** Rows above and columns left of the input; negative to start inside it. */
  readonly pad: Pair;
  readonly dilation: Pair;
}

/** Weights in the order: row and column of the window, input channel, filter. A dense layer has a window of 1×1. */
export interface Convolution<W extends Weights = Weights> extends Window {
  readonly kind: 'convolution';
  readonly filters: number;
  readonly weights: W;
}

/** Each channel by itself. Weights: row and column of the window, input channel, multiplier; output channel c·multiplier + m. */
export interface Depthwise<W extends Weights = Weights> extends Window {
  readonly kind: 'depthwise';
  readonly multiplier: number;
  readonly weights: W;
}

export type LinearMap<W extends Weights = Weights> = Scale<W> | Convolution<W> | Depthwise<W>;

/** A linear map of an earlier node, added to the channels of a sum from `at` on. */
export interface Term<W extends Weights = Weights> {
  readonly input: number;
  readonly at: number;
  readonly map: LinearMap<W>;
}

/** The image: bytes. Always node 0, and only that. */
export interface Pixels {
  readonly kind: 'pixels';
  readonly shape: Shape;
}

/** An exact sum of linear maps of earlier nodes and a bias: one value a channel, one an element, or none. */
export interface Sum {
  readonly kind: 'sum';
  readonly shape: Shape;
  readonly terms: readonly Term<Int32Array>[];
  /** Safe integers. */
  readonly bias: Float64Array;
}

/** The same elements in another shape. */
export interface Reshape {
  readonly kind: 'reshape';
  readonly shape: Shape;
  readonly input: number;
}

/** Neurons: acc = q·2^S + rem is the input's element, the output max(q, 0). */
export interface Relu {
  readonly kind: 'relu';
  readonly shape: Shape;
  readonly input: number;
  /** For each channel what 1 in the output stands for in the float model. */
  readonly scales: Float64Array;
}

export type Node = Pixels | Sum | Reshape | Relu;

/** What an integer network is, before it has a file. */
export interface NetworkFields {
  /** Bits of an output and of a remainder. */
  readonly A: number;
  readonly S: number;
  /** Digest of the float model, 32 bytes. */
  readonly model: Uint8Array;
  /** Digest of the images on which the scales were calibrated, 32 bytes, and how many they were. */
  readonly calibration: { readonly digest: Uint8Array; readonly images: number };
  /** In topological order; node 0 is the image, the last one gives a logit for each class. */
  readonly nodes: readonly Node[];
  /** What 1 in a logit stands for in the float model. */
  readonly logitScale: number;
}

/** A network whose file has been read and whose bounds hold. */
export interface IntegerNetwork extends NetworkFields {
  /** The exact file. */
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
  readonly shape: Shape;
  readonly classes: number;
  /** Neurons in all, numbered through the `relu` nodes in order, row-major in each. */
  readonly neurons: number;
}

/** Bits of a difference of logits in the circuit `classification`. */
export const marginBits = 40;

/** Every logit is in [−2^38, 2^38], which makes every difference and every unused logit fit the circuit. */
export const logitBound = 2 ** (marginBits - 2);

/** Every form is below this in size, for whatever image: then sums of doubles are exact, and far below half the field's order. */
export const formBound = 2 ** 52;

/** Weights of a window of one tap. */
export const onePixel: Window = { size: [1, 1], stride: [1, 1], pad: [0, 0], dilation: [1, 1] };

/** Channels that a map gives for so many input channels. */
export function outputChannels(map: LinearMap, channels: number): number {
  switch (map.kind) {
    case 'scale':
      return channels;
    case 'convolution':
      return map.filters;
    case 'depthwise':
      return channels * map.multiplier;
  }
}

/** Calls `visit` for every tap of a window that falls on the input: flat positions of pixels, not of elements. */
export function eachTap(
  window: Window,
  input: Shape,
  output: Shape,
  visit: (tap: number, from: number, to: number) => void,
): void {
  const [rows, columns] = window.size;
  for (let y = 0; y < output.height; y++) {
    for (let x = 0; x < output.width; x++) {
      for (let i = 0; i < rows; i++) {
        const row = y * window.stride[0] + i * window.dilation[0] - window.pad[0];
        if (row < 0 || row >= input.height) continue;
        for (let j = 0; j < columns; j++) {
          const column = x * window.stride[1] + j * window.dilation[1] - window.pad[1];
          if (column < 0 || column >= input.width) continue;
          visit(i * columns + j, row * input.width + column, y * output.width + x);
        }
      }
    }
  }
}
