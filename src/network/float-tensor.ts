import { type Shape, sizeOf } from '../base/index.js';
import { addBias, addMap } from './apply.js';
import {
  type Convolution,
  type Depthwise,
  eachTap,
  type LinearMap,
  type Scale,
  type Term,
  type Window,
} from './graph.js';

/**
 * A layer's output in the float model as linear maps of integer nodes: value = Σ map(node) + bias. Weights take the nodes'
 * units into account, so that rounding is left to the end, when the unit of the result is known.
 */
export interface FloatTensor {
  readonly shape: Shape;
  readonly terms: readonly Term<Float64Array>[];
  /** One value a channel, one an element, or none. */
  readonly bias: Float64Array;
  /** Whether no value is below 0, whatever the image. */
  readonly isPositive: boolean;
}

/** A term that only scales the channels of a node. */
interface ScaleTerm extends Term<Float64Array> {
  readonly map: Scale<Float64Array>;
}

/** Whether a tensor is no more than nodes with their channels scaled: then a linear layer can take them as they are. */
export function isScaled(
  tensor: FloatTensor,
): tensor is FloatTensor & { readonly terms: readonly ScaleTerm[] } {
  return tensor.terms.every(({ map }) => map.kind === 'scale');
}

/** The values of a tensor where the nodes have these. */
export function evaluate(
  { shape, terms, bias }: FloatTensor,
  nodeAt: (node: number) => { readonly shape: Shape; readonly values: Float64Array },
): Float64Array {
  const output = { shape, values: new Float64Array(sizeOf(shape)) };
  for (const { input, at, map } of terms) addMap(map, at, { input: nodeAt(input), output });
  addBias(output.values, bias);
  return output.values;
}

/** The channel of a map's output that a weight belongs to. */
export function channelOf(map: LinearMap, weight: number, inputChannels: number): number {
  switch (map.kind) {
    case 'scale':
      return weight % inputChannels;
    case 'convolution':
      return weight % map.filters;
    case 'depthwise':
      return weight % (inputChannels * map.multiplier);
  }
}

/** gain · tensor + offset for each channel (length C, or 1 for all). */
export function affine(
  tensor: FloatTensor,
  gain: (channel: number) => number,
  offset: Float64Array,
  channelsOf: (node: number) => number,
): FloatTensor {
  const { shape, bias } = tensor;
  const terms = tensor.terms.map(({ input, at, map }) => {
    const channels = channelsOf(input);
    const weights = map.weights.map((weight, w) => weight * gain(at + channelOf(map, w, channels)));
    return { input, at, map: { ...map, weights } };
  });
  const length = Math.max(bias.length, offset.length);
  const moved = Float64Array.from(
    { length },
    (_, e) =>
      (bias.length > 0 ? (bias[e % bias.length] ?? 0) * gain(e % shape.channels) : 0) +
      (offset.length > 0 ? (offset[e % offset.length] ?? 0) : 0),
  );
  return { shape, terms, bias: moved, isPositive: false };
}

/** The sum of tensors of one shape. */
export function addTensors(tensors: readonly FloatTensor[], shape: Shape): FloatTensor {
  const length = tensors.reduce((most, { bias }) => Math.max(most, bias.length), 0);
  const bias = new Float64Array(length);
  for (const tensor of tensors) addBias(bias, tensor.bias);
  return {
    shape,
    terms: tensors.flatMap(({ terms }) => terms),
    bias,
    isPositive: tensors.every(({ isPositive }) => isPositive),
  };
}

/** Tensors of one height and width, one's channels after the other's. */
export function concatenate(tensors: readonly FloatTensor[], shape: Shape): FloatTensor {
  const terms: Term<Float64Array>[] = [];
  const bias = new Float64Array(tensors.every((one) => one.bias.length === 0) ? 0 : sizeOf(shape));
  let start = 0;
  for (const tensor of tensors) {
    const { channels } = tensor.shape;
    for (const term of tensor.terms) terms.push({ ...term, at: term.at + start });
    for (let e = 0; e < sizeOf(tensor.shape) && tensor.bias.length > 0; e++) {
      const place = Math.floor(e / channels) * shape.channels + start + (e % channels);
      bias[place] = tensor.bias[e % tensor.bias.length] ?? 0;
    }
    start += channels;
  }
  return {
    shape,
    terms,
    bias: compress(bias, shape),
    isPositive: tensors.every((one) => one.isPositive),
  };
}

type Kernel = Convolution<Float64Array> | Depthwise<Float64Array>;

/** A layer with a window applied to a tensor that `isScaled`. Its own bias is one value a channel. */
export function applyKernel(
  tensor: FloatTensor & { readonly terms: readonly ScaleTerm[] },
  kernel: Kernel,
  {
    shape,
    bias,
    channelsOf,
  }: { shape: Shape; bias: Float64Array; channelsOf: (node: number) => number },
): FloatTensor {
  const { channels } = tensor.shape;
  const filters = kernel.kind === 'convolution' ? kernel.filters : kernel.multiplier;
  const taps = kernel.size[0] * kernel.size[1];
  const terms = tensor.terms.map(({ input, at, map }) => {
    const own = channelsOf(input);
    const weights = new Float64Array(taps * own * filters);
    for (let w = 0; w < weights.length; w++) {
      const c = Math.floor(w / filters) % own;
      const tap = Math.floor(w / (filters * own));
      const source = (tap * channels + at + c) * filters + (w % filters);
      weights[w] = (kernel.weights[source] ?? 0) * (map.weights[c] ?? 0);
    }
    const place = kernel.kind === 'convolution' ? 0 : at * filters;
    return { input, at: place, map: { ...kernel, weights } };
  });
  return {
    shape,
    terms,
    bias: compress(kernelBias(tensor, kernel, { shape, bias }), shape),
    isPositive: false,
  };
}

/** What the tensor's bias gives under the layer: at the border less than inside, for there are zeros beside the image. */
function kernelBias(
  { shape: from, bias: given }: FloatTensor,
  kernel: Kernel,
  { shape, bias }: { shape: Shape; bias: Float64Array },
): Float64Array {
  if (given.every((value) => value === 0)) return bias;
  const values = new Float64Array(sizeOf(from));
  addBias(values, given);
  const output = { shape, values: new Float64Array(sizeOf(shape)) };
  addMap(kernel, 0, { input: { shape: from, values }, output });
  addBias(output.values, bias);
  return output.values;
}

/** One value a channel where all elements of a channel have the same, none where all are 0. */
export function compress(bias: Float64Array, { channels }: Shape): Float64Array {
  if (bias.every((value) => value === 0)) return new Float64Array();
  const isUniform = bias.every((value, e) => value === bias[e % channels]);
  return isUniform ? bias.slice(0, channels) : bias;
}

/** How many inputs each window of an output has, those beside the image left out. */
export function tapCounts(window: Window, input: Shape, output: Shape): number[] {
  const counts = new Array<number>(output.height * output.width).fill(0);
  eachTap(window, input, output, (_, __, to) => {
    counts[to] = (counts[to] ?? 0) + 1;
  });
  return counts;
}
