import {
  formatShape,
  type Image,
  InputError,
  sameShape,
  type Shape,
  sizeOf,
} from '../base/index.js';
import {
  addTensors,
  affine,
  applyKernel,
  compress,
  concatenate,
  type FloatTensor,
  tapCounts,
} from './float-tensor.js';
import { finishNetwork } from './file.js';
import { Builder, type ScaleSource } from './builder.js';
import type { IntegerNetwork, Pair, Window } from './graph.js';
import type { FloatLayer, FloatOperation, FloatWindow } from './layers-model.js';
import { shown } from './shown.js';
import { addTerms, checkSizes, noSizes } from './sizes.js';

/** What is turned into an integer network. */
export interface FloatModel {
  readonly layers: readonly FloatLayer[];
  /** How bytes become the model's input: (pixel / 255 − mean[c]) / std[c]. */
  readonly preprocessing: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Digest of the model, 32 bytes. */
  readonly digest: Uint8Array;
}

export interface QuantiseOptions {
  readonly A: number;
  readonly S: number;
  readonly calibration: IntegerNetwork['calibration'];
  readonly scales: ScaleSource;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * The integer network of a float model: every weight and bias is the nearest integer in the units that `scales` gives. Throws
 * `InputError` `network.layer` for a layer that does not fit its input, `network.scale` where a weight does not fit 32 bits,
 * `network.bits` for A and S out of range, `network.image` for calibration images that are none or of another shape, and as `finishNetwork` does.
 */
export function quantise(model: FloatModel, options: QuantiseOptions): IntegerNetwork {
  const { A, S, calibration, scales } = options;
  checkBits(A, S);
  const layers = fuse(model.layers);
  const shape = imageShape(model);
  if (scales.kind === 'measure') checkImages(scales.images, shape);
  const builder = new Builder({ A, S, shape, scales });
  const tensors = new Map<string, FloatTensor>();
  const lastUse = new Map<string, number>();
  layers.forEach(({ inputs }, i) => {
    inputs.forEach((name) => lastUse.set(name, i));
  });
  let last: FloatTensor | undefined;
  layers.forEach((layer, i) => {
    const inputs = layer.inputs.map((name) => tensors.get(name)).filter((one) => one !== undefined);
    last =
      layer.operation.kind === 'input'
        ? imageTensor(shape, model)
        : applyLayer(builder, layer, inputs);
    // Sums and kernels of sums grow with every layer where nothing is rounded between.
    const sizes = { ...noSizes(), nodes: last.terms.length };
    addTerms(sizes, last, builder.channelsOf);
    checkSizes(sizes);
    tensors.set(layer.name, last);
    for (const name of layer.inputs) if (lastUse.get(name) === i) tensors.delete(name);
    builder.forget([...tensors.values()].flatMap(({ terms }) => terms.map(({ input }) => input)));
    options.onProgress?.(i + 1, layers.length);
  });
  if (!last || last.shape.height * last.shape.width !== 1) {
    throw unfit(layers.at(-1), 'gives no row of scores');
  }
  const { nodes, logitScale } = builder.finish(last);
  return finishNetwork({ A, S, model: model.digest, calibration, nodes, logitScale });
}

type Fused = Omit<FloatLayer, 'operation'> & {
  readonly operation:
    FloatOperation | { readonly kind: 'reluMaxPool'; readonly window: FloatWindow };
};

/**
 * ReLU and maximum change places, and together cost one neuron an input of each window: max(0, a, b) = y + relu(b − y) with
 * y = relu(a).
 */
function fuse(layers: readonly FloatLayer[]): Fused[] {
  const uses = new Map<string, number>();
  for (const { inputs } of layers) {
    for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const result = new Map<string, Fused>();
  for (const layer of layers) {
    const [first = ''] = layer.inputs;
    const previous = uses.get(first) === 1 ? result.get(first) : undefined;
    const window = previous && layer.inputs.length === 1 && fusedWindow(previous, layer);
    if (window) {
      const operation = { kind: 'reluMaxPool', window } as const;
      result.delete(first);
      result.set(layer.name, { name: layer.name, inputs: previous.inputs, operation });
    } else {
      result.set(layer.name, layer);
    }
  }
  return [...result.values()];
}

function fusedWindow(
  { operation: a }: Fused,
  { operation: b }: FloatLayer,
): FloatWindow | undefined {
  if (a.kind === 'relu' && b.kind === 'maxPool') return b.window;
  if (a.kind === 'maxPool' && b.kind === 'relu') return a.window;
  return undefined;
}

function imageShape({ layers, preprocessing }: FloatModel): Shape {
  const inputs = layers.flatMap(({ operation }) =>
    operation.kind === 'input' ? [operation.shape] : [],
  );
  const [shape] = inputs;
  if (shape === undefined || inputs.length !== 1) throw unfit(layers[0], 'is not the only input');
  checkSizes({ elements: sizeOf(shape) });
  if (preprocessing.mean.length !== shape.channels || preprocessing.std.length !== shape.channels) {
    throw unfit(layers[0], 'has other channels than its preprocessing');
  }
  return shape;
}

function checkBits(A: number, S: number): void {
  const fits = [A, S].every((bits) => Number.isInteger(bits) && bits >= 1 && bits <= 20);
  if (fits && A + S <= 30) return;
  throw new InputError({
    code: 'network.bits',
    message: `neurons cannot have ${A} and ${S} bits: each is from 1 to 20, and both together are at most 30`,
  });
}

function checkImages(images: readonly Image[], shape: Shape): void {
  const other = images.find((image) => !sameShape(image.shape, shape));
  if (images.length > 0 && !other) return;
  throw new InputError({
    code: 'network.image',
    message: other
      ? `a calibration image is ${formatShape(other.shape)}, the model takes ${formatShape(shape)}`
      : 'there are no images to calibrate the network on',
  });
}

function imageTensor(shape: Shape, { preprocessing: { mean, std } }: FloatModel): FloatTensor {
  const weights = Float64Array.from(std, (deviation) => 1 / (255 * deviation));
  const bias = Float64Array.from(mean, (value, c) => -value / (std[c] ?? 1));
  const terms = [{ input: 0, at: 0, map: { kind: 'scale' as const, weights } }];
  return {
    shape,
    terms,
    bias: compress(bias, shape),
    isPositive: bias.every((value) => value >= 0),
  };
}

function applyLayer(builder: Builder, layer: Fused, inputs: readonly FloatTensor[]): FloatTensor {
  const { operation } = layer;
  const [first] = inputs;
  if (!first || inputs.length !== layer.inputs.length)
    throw unfit(layer, 'has an input that is not there');
  const { shape } = first;
  const many = operation.kind === 'add' || operation.kind === 'concatenate';
  if (!many && inputs.length !== 1) throw unfit(layer, `takes ${inputs.length} inputs`);
  switch (operation.kind) {
    case 'identity':
      return first;
    case 'convolution':
    case 'depthwise': {
      const { window, kernel, bias } = operation;
      const isDepthwise = operation.kind === 'depthwise';
      const filters = isDepthwise ? operation.multiplier : operation.filters;
      const output = outputShape(
        layer,
        window,
        shape,
        isDepthwise ? shape.channels * filters : filters,
      );
      const [rows, columns] = window.size;
      if (kernel.length !== rows * columns * shape.channels * filters) {
        throw unfit(layer, `does not take the ${shape.channels} channels of its input`);
      }
      checkSizes({ weights: first.terms.length * kernel.length });
      const taps = { ...windowOf(window, shape, output), weights: kernel };
      const map = isDepthwise
        ? ({ kind: 'depthwise', multiplier: filters, ...taps } as const)
        : ({ kind: 'convolution', filters, ...taps } as const);
      return applyKernel(builder.scaled(first), map, {
        shape: output,
        bias,
        channelsOf: builder.channelsOf,
      });
    }
    case 'normalise': {
      const { gain, offset, isFlat } = operation;
      if (gain.length !== shape.channels || (isFlat && shape.height * shape.width !== 1)) {
        throw unfit(layer, `does not normalise the ${shape.channels} channels of its input`);
      }
      return affine(first, (c) => gain[c] ?? 0, offset, builder.channelsOf);
    }
    case 'relu':
      return first.isPositive ? first : builder.relu(first);
    case 'leaky': {
      const negative = builder.relu(
        affine(first, () => -1, new Float64Array(), builder.channelsOf),
      );
      const positive = builder.relu(first);
      const minus = affine(
        negative,
        () => -operation.slope,
        new Float64Array(),
        builder.channelsOf,
      );
      return addTensors([positive, minus], shape);
    }
    case 'reluMaxPool':
    case 'maxPool': {
      const output = outputShape(layer, operation.window, shape, shape.channels);
      const window = windowOf(operation.window, shape, output);
      const hasFloor = operation.kind === 'reluMaxPool' || first.isPositive;
      return builder.maxPool(first, window, output, hasFloor);
    }
    case 'globalMax':
      return builder.maxPool(first, whole(shape), flat(shape.channels), first.isPositive);
    case 'averagePool': {
      const output = outputShape(layer, operation.window, shape, shape.channels);
      return averagePool(builder, first, windowOf(operation.window, shape, output), output);
    }
    case 'globalAverage':
      return averagePool(builder, first, whole(shape), flat(shape.channels));
    case 'pad': {
      const [before, after] = [operation.before, operation.after];
      const padded = {
        height: shape.height + before[0] + after[0],
        width: shape.width + before[1] + after[1],
        channels: shape.channels,
      };
      checkSizes({ elements: sizeOf(padded) });
      return builder.pad(first, before, padded);
    }
    case 'flatten':
      return builder.flatten(first);
    case 'add': {
      const other = inputs.find((one) => !sameShape(one.shape, shape));
      checkSizes({ nodes: inputs.reduce((sum, { terms }) => sum + terms.length, 0) });
      if (other) throw unfit(layer, `adds ${formatShape(shape)} and ${formatShape(other.shape)}`);
      return addTensors(inputs, shape);
    }
    case 'concatenate': {
      const channels = inputs.reduce((sum, one) => sum + one.shape.channels, 0);
      const other = inputs.find(
        (one) => one.shape.height !== shape.height || one.shape.width !== shape.width,
      );
      if (other) throw unfit(layer, `joins ${formatShape(shape)} and ${formatShape(other.shape)}`);
      checkSizes({
        nodes: inputs.reduce((sum, { terms }) => sum + terms.length, 0),
        elements: sizeOf({ ...shape, channels }),
      });
      return concatenate(inputs, { ...shape, channels });
    }
    case 'input':
      throw unfit(layer, 'is not the only input');
  }
}

/** An average divides by the number of inputs that a window has; the sum is exact, and the division moves into the weights. */
function averagePool(
  builder: Builder,
  tensor: FloatTensor,
  window: Window,
  output: Shape,
): FloatTensor {
  const counts = tapCounts(window, tensor.shape, output);
  return builder.average(tensor, window, output, counts);
}

function flat(channels: number): Shape {
  return { height: 1, width: 1, channels };
}

function whole({ height, width }: Shape): Window {
  return { size: [height, width], stride: [1, 1], pad: [0, 0], dilation: [1, 1] };
}

/** TensorFlow's sizes of a layer's output. */
function outputShape(layer: Fused, window: FloatWindow, input: Shape, channels: number): Shape {
  const side = (length: number, axis: 0 | 1): number => {
    if (window.padding === 'same') return Math.ceil(length / window.strides[axis]);
    const reach = (window.size[axis] - 1) * window.dilation[axis] + 1;
    return Math.ceil((length - reach + 1) / window.strides[axis]);
  };
  const shape = { height: side(input.height, 0), width: side(input.width, 1), channels };
  if (!(shape.height >= 1 && shape.width >= 1)) {
    throw unfit(layer, `has a window larger than its input of ${formatShape(input)}`);
  }
  const elements = sizeOf(shape);
  const taps = window.size[0] * window.size[1];
  checkSizes({ elements, weights: taps * channels, multiplications: taps * elements });
  return shape;
}

function windowOf(window: FloatWindow, input: Shape, output: Shape): Window {
  const { size, strides, dilation, padding } = window;
  const pad = (from: number, to: number, axis: 0 | 1): number => {
    if (padding === 'valid') return 0;
    const reach = (size[axis] - 1) * dilation[axis] + 1;
    return Math.floor(Math.max((to - 1) * strides[axis] + reach - from, 0) / 2);
  };
  const pads: Pair = [pad(input.height, output.height, 0), pad(input.width, output.width, 1)];
  return { size, stride: strides, pad: pads, dilation };
}

function unfit(layer: Pick<FloatLayer, 'name'> | undefined, problem: string): InputError {
  return new InputError({
    code: 'network.layer',
    message: `layer ${shown(layer?.name ?? '')} ${problem}`,
  });
}
