import { Type } from 'typebox';

import { checkSchema, InputError, type Shape } from '../base/index.js';
import type { Pair } from './graph.js';
import { shown } from './shown.js';

/** A layer's window as the TensorFlow.js layers format states it. */
export interface FloatWindow {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly padding: 'same' | 'valid';
}

/** What one layer computes, with its weights; kernels in the order of TensorFlow. */
export type FloatOperation =
  | { readonly kind: 'input'; readonly shape: Shape }
  | {
      readonly kind: 'convolution';
      readonly window: FloatWindow;
      readonly filters: number;
      readonly kernel: Float64Array;
      readonly bias: Float64Array;
    }
  | {
      readonly kind: 'depthwise';
      readonly window: FloatWindow;
      readonly multiplier: number;
      readonly kernel: Float64Array;
      readonly bias: Float64Array;
    }
  /** Batch normalisation: gain · x + offset for each channel. */
  | {
      readonly kind: 'normalise';
      readonly gain: Float64Array;
      readonly offset: Float64Array;
      /** Whether it stands after a flat layer, where axis 1 is that of the channels. */
      readonly isFlat: boolean;
    }
  | { readonly kind: 'relu' }
  | { readonly kind: 'leaky'; readonly slope: number }
  | { readonly kind: 'maxPool' | 'averagePool'; readonly window: FloatWindow }
  | { readonly kind: 'globalMax' | 'globalAverage' }
  | { readonly kind: 'pad'; readonly before: Pair; readonly after: Pair }
  | { readonly kind: 'add' | 'concatenate' | 'flatten' | 'identity' };

export interface FloatLayer {
  readonly name: string;
  /** Names of the layers that it takes. */
  readonly inputs: readonly string[];
  readonly operation: FloatOperation;
}

/** A named weight of the model's files. */
export interface NamedWeights {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

const Named = Type.Object({
  class_name: Type.String(),
  config: Type.Union([Type.Array(Type.Unknown()), Type.Record(Type.String(), Type.Unknown())]),
});
const Layers = Type.Array(
  Type.Object({
    class_name: Type.String(),
    config: Type.Record(Type.String(), Type.Unknown()),
    inbound_nodes: Type.Optional(
      Type.Array(Type.Array(Type.Array(Type.Unknown()), { maxItems: 10_000 })),
    ),
  }),
  { minItems: 1, maxItems: 10_000 },
);

interface LayerJson {
  readonly kind: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
}

/**
 * The layers of a model in the TensorFlow.js layers format, in topological order, a softmax at the end left out. Throws
 * `InputError` `network.layer` for a layer that is not piecewise linear, or not supported, by its name.
 */
export function readLayers(topology: object, weights: readonly NamedWeights[]): FloatLayer[] {
  const layers = topologicalOrder(listLayers(topology));
  const names = new Set(layers.map(({ name }) => name));
  const store = new Map(weights.map((one) => [one.name, one]));
  const result: FloatLayer[] = [];
  for (const [i, layer] of layers.entries()) {
    const isLast = i === layers.length - 1;
    const operation = readOperation(layer, store, isLast);
    result.push({ name: layer.name, inputs: layer.inputs, operation });
    const activation = readActivation(layer, isLast);
    if (activation.kind === 'identity') continue;
    // The activation takes the layer's name, by which others take it.
    if (names.has(`${layer.name}/linear`))
      throw unsupported(layer, 'has the name of another layer');
    result[result.length - 1] = { name: `${layer.name}/linear`, inputs: layer.inputs, operation };
    result.push({ name: layer.name, inputs: [`${layer.name}/linear`], operation: activation });
  }
  return result;
}

interface Listed {
  readonly layers: readonly LayerJson[];
  /** Name of the layer that gives the model's output, where the file says it. */
  readonly output: string | undefined;
}

function listLayers(topology: object): Listed {
  const what = 'model topology';
  const code = 'model.json';
  const { model_config: wrapped } = topology as { model_config?: unknown };
  const model = checkSchema({ value: wrapped ?? topology, schema: Named, what, code });
  if (!['Model', 'Functional', 'Sequential'].includes(model.class_name)) {
    throw refusal(`the model is a ${shown(model.class_name)}, neither Sequential nor functional`);
  }
  const { layers: listed = model.config, output_layers: outputs } = model.config as {
    layers?: unknown;
    output_layers?: unknown;
  };
  const layers = checkSchema({ value: listed, schema: Layers, what, code });
  const named = layers.map(({ class_name: kind, config, inbound_nodes: calls }) => ({
    kind,
    config,
    calls,
    name: text(config['name']),
  }));
  if (model.class_name === 'Sequential') {
    const chain = named.map((layer, i) => ({ ...layer, inputs: [named[i - 1]?.name ?? ''] }));
    const first = chain[0];
    const output = chain.at(-1)?.name;
    if (first === undefined || first.kind === 'InputLayer') return { layers: chain, output };
    const { config } = first;
    return { layers: [{ kind: 'InputLayer', name: '', config, inputs: [] }, ...chain], output };
  }
  const functional = named.map(({ calls = [], ...layer }) => {
    if (calls.length > 1) throw unsupported(layer, 'is used more than once');
    const inputs = (calls[0] ?? []).map(([name]) => text(name));
    return { ...layer, inputs };
  });
  return { layers: functional, output: outputName(outputs) };
}

/** From `[["logits", 0, 0]]`, or `["logits", 0, 0]` as Keras 3 writes it. */
function outputName(outputs: unknown): string | undefined {
  if (outputs === undefined) return undefined;
  const list = Array.isArray(outputs) ? (outputs as unknown[]) : [];
  const [first] = list;
  if (typeof first === 'string') return first;
  if (list.length !== 1) throw refusal(`the model has ${list.length} outputs`);
  return Array.isArray(first) ? text((first as unknown[])[0]) : '';
}

/** Keras lists layers in the order of their making. The one that no other takes comes last. */
function topologicalOrder({ layers, output }: Listed): LayerJson[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const taken = new Set(layers.flatMap(({ inputs }) => inputs));
  const ends = layers.filter(({ name }) => !taken.has(name));
  if (ends.length !== 1 || byName.size !== layers.length) {
    throw refusal(`the model has ${ends.length} outputs, or two layers of one name`);
  }
  const [end] = ends;
  if (end && output !== undefined && output !== end.name) {
    throw unsupported(end, 'comes after the output of the model');
  }
  const ordered: LayerJson[] = [];
  const state = new Map<string, 'open' | 'done'>();
  // A loop and not a recursion: a hostile file may be deep.
  const stack: LayerJson[] = [...ends];
  while (stack.length > 0) {
    const layer = stack.at(-1);
    if (!layer) break;
    const next = layer.kind === 'InputLayer' ? [] : layer.inputs;
    const missing = next.find((name) => state.get(name) !== 'done');
    if (missing === undefined) {
      stack.pop();
      if (state.get(layer.name) !== 'done') ordered.push(layer);
      state.set(layer.name, 'done');
      continue;
    }
    const input = byName.get(missing);
    if (!input || state.get(missing) === 'open') {
      throw unsupported(
        layer,
        `takes the layer ${shown(missing)}, which is missing or takes it in turn`,
      );
    }
    state.set(layer.name, 'open');
    stack.push(input);
  }
  const unused = layers.find(({ name }) => !state.has(name));
  if (unused) throw unsupported(unused, 'does not lead from the image to the output');
  return ordered;
}

function readActivation({ kind, name, config }: LayerJson, isLast: boolean): FloatOperation {
  if (kind === 'Activation' || kind === 'Softmax') return { kind: 'identity' };
  return activationOf({ kind, name }, config['activation'] ?? 'linear', isLast);
}

function activationOf(
  layer: Pick<LayerJson, 'kind' | 'name'>,
  activation: unknown,
  isLast: boolean,
): FloatOperation {
  if (activation === 'linear' || (activation === 'softmax' && isLast)) return { kind: 'identity' };
  if (activation === 'relu') return { kind: 'relu' };
  const where = activation === 'softmax' ? ' before the end' : '';
  throw unsupported(
    layer,
    `uses the activation ${shown(activation)}${where}, which is not piecewise linear`,
  );
}

type Store = ReadonlyMap<string, NamedWeights>;

function readOperation(layer: LayerJson, store: Store, isLast: boolean): FloatOperation {
  const { kind, config } = layer;
  const weight = (part: string, ...shape: (number | undefined)[]): Float64Array =>
    takeWeight(layer, store, part, shape);
  const bias = (length: number): Float64Array =>
    config['use_bias'] === false ? new Float64Array(length) : weight('bias', length);
  switch (kind) {
    case 'InputLayer':
      return { kind: 'input', shape: inputShape(layer) };
    case 'Dense': {
      const units = count(layer, 'units');
      const kernel = weight('kernel', undefined, units);
      const window = { size: one, strides: one, dilation: one, padding: 'valid' } as const;
      return { kind: 'convolution', window, filters: units, kernel, bias: bias(units) };
    }
    case 'Conv2D': {
      const filters = count(layer, 'filters');
      const window = readWindow(layer, 'kernel_size');
      const kernel = weight('kernel', ...window.size, undefined, filters);
      return { kind: 'convolution', window, filters, kernel, bias: bias(filters) };
    }
    case 'DepthwiseConv2D': {
      const multiplier = count(layer, 'depth_multiplier', 1);
      const window = readWindow(layer, 'kernel_size');
      const kernel = weight('depthwise_kernel', ...window.size, undefined, multiplier);
      const [rows, columns] = window.size;
      const channels = kernel.length / (rows * columns * multiplier);
      return { kind: 'depthwise', window, multiplier, kernel, bias: bias(channels * multiplier) };
    }
    case 'SeparableConv2D': {
      const filters = count(layer, 'filters');
      const multiplier = count(layer, 'depth_multiplier', 1);
      const window = readWindow(layer, 'kernel_size');
      const depthwise = weight('depthwise_kernel', ...window.size, undefined, multiplier);
      const pointwise = weight('pointwise_kernel', 1, 1, undefined, filters);
      const kernel = composeSeparable(depthwise, pointwise, { filters, multiplier });
      return { kind: 'convolution', window, filters, kernel, bias: bias(filters) };
    }
    case 'BatchNormalization':
      return readNormalisation(layer, store);
    case 'ReLU':
      if (config['max_value'] !== undefined && config['max_value'] !== null) {
        throw unsupported(layer, 'is cut off above, which the circuits do not prove');
      }
      if (config['threshold'] || config['negative_slope']) {
        throw unsupported(layer, 'has a threshold or a slope');
      }
      return { kind: 'relu' };
    case 'LeakyReLU':
      return { kind: 'leaky', slope: slopeOf(layer) };
    case 'Activation':
      return activationOf(layer, config['activation'], isLast);
    case 'Softmax':
      return activationOf(layer, 'softmax', isLast);
    case 'MaxPooling2D':
    case 'AveragePooling2D': {
      const window = readWindow(layer, 'pool_size');
      return { kind: kind === 'MaxPooling2D' ? 'maxPool' : 'averagePool', window };
    }
    case 'GlobalAveragePooling2D':
      return { kind: 'globalAverage' };
    case 'GlobalMaxPooling2D':
      return { kind: 'globalMax' };
    case 'ZeroPadding2D':
      return readPadding(layer);
    case 'Add':
      return { kind: 'add' };
    case 'Concatenate':
      if (config['axis'] !== -1 && config['axis'] !== 3) {
        throw unsupported(layer, 'joins along another axis than the channels');
      }
      return { kind: 'concatenate' };
    case 'Flatten':
      channelsLast(layer);
      return { kind: 'flatten' };
    case 'Dropout':
    case 'SpatialDropout2D':
    case 'GaussianNoise':
    case 'GaussianDropout':
      return { kind: 'identity' };
    default:
      throw unsupported(layer, 'is not piecewise linear, or not supported');
  }
}

const one: Pair = [1, 1];

function readWindow(layer: LayerJson, name: string): FloatWindow {
  channelsLast(layer);
  const { config } = layer;
  const size = pair(layer, name, config[name]);
  const padding = config['padding'] ?? 'valid';
  if (padding !== 'same' && padding !== 'valid')
    throw unsupported(layer, `has the padding ${shown(padding)}`);
  return {
    size,
    strides: pair(layer, 'strides', config['strides'] ?? (name === 'pool_size' ? size : one)),
    dilation: pair(layer, 'dilation_rate', config['dilation_rate'] ?? one),
    padding,
  };
}

/** Depthwise then pointwise, with nothing between them, is one convolution: multiplications cost nothing here. */
function composeSeparable(
  depthwise: Float64Array,
  pointwise: Float64Array,
  { filters, multiplier }: { filters: number; multiplier: number },
): Float64Array {
  const channels = pointwise.length / (filters * multiplier);
  const taps = depthwise.length / (channels * multiplier);
  const kernel = new Float64Array(taps * channels * filters);
  for (let place = 0; place < taps * channels; place++) {
    for (let m = 0; m < multiplier; m++) {
      const weight = depthwise[place * multiplier + m] ?? 0;
      const row = ((place % channels) * multiplier + m) * filters;
      for (let f = 0; f < filters; f++) {
        const at = place * filters + f;
        kernel[at] = (kernel[at] ?? 0) + weight * (pointwise[row + f] ?? 0);
      }
    }
  }
  return kernel;
}

function readNormalisation(layer: LayerJson, store: Store): FloatOperation {
  const { config } = layer;
  const axis = Array.isArray(config['axis']) ? (config['axis'] as unknown[])[0] : config['axis'];
  if (axis !== -1 && axis !== 3 && axis !== 1 && axis !== undefined) {
    throw unsupported(layer, 'normalises along another axis than the channels');
  }
  const mean = takeWeight(layer, store, 'moving_mean', [undefined]);
  const { length } = mean;
  const variance = takeWeight(layer, store, 'moving_variance', [length]);
  const part = (flag: string, name: string, otherwise: number): Float64Array =>
    config[flag] === false
      ? new Float64Array(length).fill(otherwise)
      : takeWeight(layer, store, name, [length]);
  const [gamma, beta] = [part('scale', 'gamma', 1), part('center', 'beta', 0)];
  const epsilon = Number(config['epsilon'] ?? 1e-3);
  const gain = gamma.map((value, c) => value / Math.sqrt((variance[c] ?? 0) + epsilon));
  const offset = beta.map((value, c) => value - (mean[c] ?? 0) * (gain[c] ?? 0));
  return { kind: 'normalise', gain, offset, isFlat: axis === 1 };
}

function slopeOf(layer: LayerJson): number {
  const slope = Number(layer.config['alpha'] ?? layer.config['negative_slope'] ?? 0.3);
  if (slope > 0 && slope < 1 && Number.isInteger(Math.log2(slope))) return slope;
  throw unsupported(layer, `has the slope ${slope}, which is no power of two below 1`);
}

function readPadding(layer: LayerJson): FloatOperation {
  channelsLast(layer);
  const { padding = 1 } = layer.config;
  const sides = Array.isArray(padding) ? (padding as unknown[]) : [padding, padding];
  const [[top, bottom], [left, right]] = [
    pair(layer, 'padding', sides[0], 0),
    pair(layer, 'padding', sides[1], 0),
  ];
  return { kind: 'pad', before: [top, left], after: [bottom, right] };
}

function inputShape(layer: LayerJson): Shape {
  const { config } = layer;
  const listed = config['batch_input_shape'] ?? config['batch_shape'];
  const [, height, width, channels] = Array.isArray(listed) ? (listed as unknown[]) : [];
  const sides = [height, width, channels];
  if (!sides.every((side) => Number.isSafeInteger(side) && Number(side) > 0)) {
    throw unsupported(layer, 'takes no images of a fixed height, width and number of channels');
  }
  return { height: Number(height), width: Number(width), channels: Number(channels) };
}

function takeWeight(
  layer: LayerJson,
  store: Store,
  part: string,
  shape: readonly (number | undefined)[],
): Float64Array {
  const found = store.get(`${layer.name}/${part}`);
  const fits =
    found?.shape.length === shape.length &&
    shape.every((side, i) => side === undefined || side === found.shape[i]) &&
    found.data.length === found.shape.reduce((size, side) => size * side, 1);
  if (!found || !fits) {
    throw unsupported(layer, `has no weights ${part} of the shape that its configuration says`);
  }
  const values = Float64Array.from(found.data);
  if (!values.every(Number.isFinite))
    throw unsupported(layer, `has weights ${part} that are no numbers`);
  return values;
}

function channelsLast(layer: LayerJson): void {
  const format = layer.config['data_format'] ?? 'channels_last';
  if (format !== 'channels_last' && format !== 'channelsLast') {
    throw unsupported(layer, 'puts channels first');
  }
}

function count(layer: LayerJson, name: string, otherwise?: number): number {
  const value = layer.config[name] ?? otherwise;
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  throw unsupported(layer, `has no usable ${name}`);
}

function pair(layer: LayerJson, name: string, value: unknown, least = 1): Pair {
  const both: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value, value];
  const [first, second] = both;
  const fits =
    both.length === 2 &&
    both.every(
      (side) => Number.isSafeInteger(side) && Number(side) >= least && Number(side) <= 1024,
    );
  if (!fits) throw unsupported(layer, `has no usable ${name}`);
  return [Number(first), Number(second)];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function unsupported(
  { kind, name }: Pick<LayerJson, 'kind' | 'name'>,
  problem: string,
): InputError {
  return refusal(`layer ${shown(name)} (${shown(kind).slice(1, -1)}) ${problem}`);
}

function refusal(message: string): InputError {
  return new InputError({
    code: 'network.layer',
    message,
    hint: 'white box mode takes dense, convolution, pooling, batch normalisation, ReLU, add, concatenate and flatten layers; judge other models as a black box',
  });
}
