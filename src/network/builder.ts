import { type Image, InputError, type Shape, sizeOf } from '../base/index.js';
import { addBias, addMap } from './apply.js';
import { type Bounds, boundsOf, greatestCommonDivisor } from './bounds.js';
import { channelOf, compress, evaluate, type FloatTensor, isScaled } from './float-tensor.js';
import {
  type Depthwise,
  eachTap,
  logitBound,
  type Node,
  onePixel,
  type Pair,
  type Scale,
  type Sum,
  type Term,
  type Window,
} from './graph.js';
import { addSizes, checkSizes, noSizes } from './sizes.js';

/** Where the units of neurons come from: measured on images, or read from a network that is checked. */
export type ScaleSource =
  | {
      readonly kind: 'measure';
      readonly images: readonly Image[];
      /** Room above the greatest value measured, e.g. 1.5. */
      readonly headroom: number;
    }
  | { readonly kind: 'given'; readonly scales: readonly Float64Array[] };

const unit = (channels: number): Scale<Int32Array> => ({
  kind: 'scale',
  weights: new Int32Array(channels).fill(1),
});

/** A channel that hardly ever answers gets at least this part of its layer's range. */
const leastRange = 1 / 16;

/** Builds the nodes of an integer network one after another, and follows the calibration images through them. */
export class Builder {
  readonly #A: number;
  readonly #S: number;
  readonly #scales: ScaleSource;
  readonly #nodes: Node[] = [];
  readonly #bounds: Bounds[] = [];
  /** For each calibration image the values of each node, in its units and not rounded; only of nodes that others take. */
  readonly #values: Map<number, Float64Array>[];
  readonly #sizes = noSizes();
  #neuronNodes = 0;

  constructor({
    A,
    S,
    shape,
    scales,
  }: {
    A: number;
    S: number;
    shape: Shape;
    scales: ScaleSource;
  }) {
    this.#A = A;
    this.#S = S;
    this.#scales = scales;
    this.#values =
      scales.kind === 'measure' ? scales.images.map(() => new Map<number, Float64Array>()) : [];
    const pixels = this.#add({ kind: 'pixels', shape });
    this.#follow(pixels, (_, i) =>
      Float64Array.from(scales.kind === 'measure' ? (scales.images[i]?.pixels ?? []) : []),
    );
  }

  readonly channelsOf = (node: number): number => this.#nodes[node]?.shape.channels ?? 0;

  /** The same values where every term only scales a node, which costs a neuron an element where it is not so already. */
  scaled(tensor: FloatTensor): FloatTensor & {
    readonly terms: readonly (Term<Float64Array> & { readonly map: Scale<Float64Array> })[];
  } {
    if (isScaled(tensor)) return tensor;
    const cut = this.#withOffset(tensor, (shifted, scales) =>
      this.#neurons(this.#sum(shifted), scales),
    );
    if (!isScaled(cut)) throw new TypeError('a node was not scaled');
    return cut;
  }

  /** max(0, tensor), a neuron an element. */
  relu(tensor: FloatTensor): FloatTensor {
    const scales = this.#measure(tensor, (values) => values.map(Math.abs), 2 ** this.#A - 1);
    const node = this.#neurons(this.#sum(this.#inUnits(tensor, scales, 0)), scales);
    this.#follow(node, (values) => {
      const floats = evaluate(tensor, (input) => this.#at(input, values));
      return floats.map((value, e) => Math.max(value, 0) / (scales[e % scales.length] ?? 1));
    });
    return { ...this.#tensor(node, scales), isPositive: true };
  }

  /**
   * The maximum of each window, and of 0 where `hasFloor`: one neuron an input of a window. Without a floor values are lifted first,
   * so that 0 is below them.
   */
  maxPool(tensor: FloatTensor, window: Window, shape: Shape, hasFloor: boolean): FloatTensor {
    const pool = (lifted: Omit<Sum, 'kind'>, scales: Float64Array): number =>
      this.#runningMaximum(this.#sum(lifted), scales, window, shape);
    const maxima = (values: Float64Array): Float64Array =>
      slidingMaximum(values, window, tensor.shape, shape);
    if (!hasFloor) return this.#withOffset(tensor, pool, maxima);
    const scales = this.#measure(
      tensor,
      (values) => slidingRange(values, window, tensor.shape, shape),
      2 ** this.#A - 1,
    );
    const node = pool(this.#inUnits(tensor, scales, 0), scales);
    this.#follow(node, (values) => {
      const floats = evaluate(tensor, (input) => this.#at(input, values));
      return maxima(floats).map(
        (value, e) => Math.max(value, 0) / (scales[e % scales.length] ?? 1),
      );
    });
    return { ...this.#tensor(node, scales), isPositive: true };
  }

  /** The average of each window; `counts` says how many inputs each has. */
  average(
    tensor: FloatTensor,
    window: Window,
    shape: Shape,
    counts: readonly number[],
  ): FloatTensor {
    const scaled = this.scaled(tensor);
    const common = counts.reduce(leastCommonMultiple, 1);
    if (common > 2 ** 24) {
      throw new InputError({
        code: 'network.size',
        message: `an average pool has windows of too many sizes at the border: they have no common multiple below 2^24`,
      });
    }
    const terms = scaled.terms.map(({ input, at, map }) => {
      const channels = this.channelsOf(input);
      const sums: Depthwise<Int32Array> = {
        kind: 'depthwise',
        ...window,
        multiplier: 1,
        weights: new Int32Array(window.size[0] * window.size[1] * channels).fill(1),
      };
      let node = this.#exact([{ input, at: 0, map: sums }], { ...shape, channels });
      const isUniform = counts.every((count) => count === counts[0]);
      const divisor = isUniform ? (counts[0] ?? 1) : common;
      if (!isUniform) {
        const weights = Int32Array.from(
          { length: counts.length * channels },
          (_, e) => common / (counts[Math.floor(e / channels)] ?? 1),
        );
        node = this.#exact([{ input: node, at: 0, map: { kind: 'scale', weights } }], {
          ...shape,
          channels,
        });
      }
      const weights = map.weights.map((weight) => weight / divisor);
      return { input: node, at, map: { kind: 'scale' as const, weights } };
    });
    const bias = averageBias(scaled, window, shape, counts);
    return { shape, terms, bias, isPositive: tensor.isPositive };
  }

  /** Zeros around a tensor. */
  pad(tensor: FloatTensor, before: Pair, shape: Shape): FloatTensor {
    const scaled = this.scaled(tensor);
    const window: Window = { ...onePixel, pad: before };
    const terms = scaled.terms.map(({ input, at, map }) => {
      const channels = this.channelsOf(input);
      const copy = {
        kind: 'depthwise' as const,
        ...window,
        multiplier: 1,
        weights: new Int32Array(channels).fill(1),
      };
      const node = this.#exact([{ input, at: 0, map: copy }], { ...shape, channels });
      return { input: node, at, map };
    });
    const bias = new Float64Array(scaled.bias.length === 0 ? 0 : sizeOf(shape));
    if (bias.length > 0) {
      eachTap(window, tensor.shape, shape, (_, from, to) => {
        for (let c = 0; c < shape.channels; c++) {
          bias[to * shape.channels + c] =
            scaled.bias[(from * shape.channels + c) % scaled.bias.length] ?? 0;
        }
      });
    }
    return { shape, terms, bias: compress(bias, shape), isPositive: tensor.isPositive };
  }

  /** All elements as channels of one pixel. */
  flatten(tensor: FloatTensor): FloatTensor {
    const { shape } = tensor;
    const flat = { height: 1, width: 1, channels: sizeOf(shape) };
    const scaled = this.scaled(tensor);
    const terms = scaled.terms.map(({ input, at, map }) => {
      const channels = this.channelsOf(input);
      const whole =
        at === 0 && channels === shape.channels
          ? input
          : this.#exact([{ input, at, map: unit(channels) }], shape);
      const node = this.#add({ kind: 'reshape', shape: flat, input: whole });
      this.#follow(node, (values) => values.get(whole) ?? new Float64Array());
      const weights = Float64Array.from(
        { length: flat.channels },
        (_, e) => map.weights[(e % shape.channels) - at] ?? 0,
      );
      return { input: node, at: 0, map: { kind: 'scale' as const, weights } };
    });
    const { bias } = scaled;
    const spread = new Float64Array(bias.length === 0 ? 0 : flat.channels);
    addBias(spread, bias);
    return { shape: flat, terms, bias: spread, isPositive: tensor.isPositive };
  }

  /** Adds the logits, with the finest unit that the circuit's margin allows. */
  finish(logits: FloatTensor): { nodes: readonly Node[]; logitScale: number } {
    const [worst, largest] = this.#sizeOfForm(logits);
    const finest = Math.max((2 * worst) / logitBound, largest / 2 ** 30);
    const logitScale = finest > 0 ? finest : 1;
    const scales = new Float64Array(logits.shape.channels).fill(logitScale);
    this.#sum({ ...this.#rounded(logits, scales), shape: logits.shape });
    return { nodes: this.#nodes, logitScale };
  }

  /** The greatest size of a form and of its weights. */
  #sizeOfForm({ terms, bias, shape }: FloatTensor): [form: number, weight: number] {
    const forms = new Float64Array(shape.channels);
    let largest = 0;
    for (const { input, at, map } of terms) {
      const { low, high } = this.#bounds[input] ?? { low: [], high: [] };
      const channels = this.channelsOf(input);
      map.weights.forEach((weight, w) => {
        const c =
          map.kind === 'scale'
            ? w % channels
            : Math.floor(w / (map.kind === 'convolution' ? map.filters : map.multiplier)) %
              channels;
        const to = at + channelOf(map, w, channels);
        const most = Math.max(Math.abs(low[c] ?? 0), Math.abs(high[c] ?? 0));
        forms[to] = (forms[to] ?? 0) + Math.abs(weight) * most;
        largest = Math.max(largest, Math.abs(weight));
      });
    }
    bias.forEach((value, e) => {
      const c = e % shape.channels;
      forms[c] = (forms[c] ?? 0) + Math.abs(value);
    });
    return [forms.reduce((most, form) => Math.max(most, form), 0), largest];
  }

  /**
   * Something that needs values not below 0, made of a tensor lifted by half the range of a neuron and lowered again
   * afterwards, both exactly.
   */
  #withOffset(
    tensor: FloatTensor,
    work: (lifted: Omit<Sum, 'kind'>, scales: Float64Array) => number,
    onFloats: (values: Float64Array) => Float64Array = (values) => values,
  ): FloatTensor {
    const half = 2 ** (this.#A - 1);
    const scales = this.#measure(tensor, (values) => values.map(Math.abs), half - 1);
    const node = this.#total([work(this.#inUnits(tensor, scales, half), scales)], -half);
    this.#follow(node, (values) => {
      const floats = evaluate(tensor, (input) => this.#at(input, values));
      return onFloats(floats).map((value, e) => value / (scales[e % scales.length] ?? 1));
    });
    return { ...this.#tensor(node, scales), isPositive: false };
  }

  /** y₀ = relu(x₀), yₜ = yₜ₋₁ + relu(xₜ − yₜ₋₁) over the inputs x of each window. Gives the node of the last y. */
  #runningMaximum(lifted: number, scales: Float64Array, window: Window, shape: Shape): number {
    const { channels } = shape;
    let maximum: number | undefined;
    const ones = new Int32Array(channels).fill(1);
    const minus = new Int32Array(channels).fill(-(2 ** this.#S));
    for (let row = 0; row < window.size[0]; row++) {
      for (let column = 0; column < window.size[1]; column++) {
        const pad: Pair = [
          window.pad[0] - row * window.dilation[0],
          window.pad[1] - column * window.dilation[1],
        ];
        const pick = {
          kind: 'depthwise' as const,
          ...onePixel,
          stride: window.stride,
          pad,
          multiplier: 1,
          weights: ones,
        };
        const terms: Term<Int32Array>[] = [{ input: lifted, at: 0, map: pick }];
        if (maximum !== undefined) {
          terms.push({ input: maximum, at: 0, map: { kind: 'scale', weights: minus } });
        }
        const excess = this.#neurons(this.#sum({ shape, terms, bias: new Float64Array() }), scales);
        maximum = maximum === undefined ? excess : this.#total([maximum, excess], 0);
      }
    }
    return maximum ?? lifted;
  }

  /** Units for the neurons of a tensor: the greatest of `rangeOf` in each channel, with headroom, is `most` units. */
  #measure(
    tensor: FloatTensor,
    rangeOf: (values: Float64Array) => Float64Array,
    most: number,
  ): Float64Array {
    const source = this.#scales;
    const { channels } = tensor.shape;
    if (source.kind === 'given') {
      const scales = source.scales[this.#neuronNodes];
      if (scales?.length === channels) return scales;
      throw new InputError({
        code: 'network.scale',
        message: `the network has no ${channels} scales for its neurons number ${this.#neuronNodes}: it is of another model`,
      });
    }
    const ranges = new Float64Array(channels);
    for (const values of this.#values) {
      const floats = evaluate(tensor, (node) => this.#at(node, values));
      rangeOf(floats).forEach((value, e) => {
        ranges[e % channels] = Math.max(ranges[e % channels] ?? 0, value);
      });
    }
    const layer = ranges.reduce((most, range) => Math.max(most, range), 0);
    return ranges.map((range) =>
      layer > 0 ? (Math.max(range, layer * leastRange) * source.headroom) / most : 1,
    );
  }

  /** A tensor in pre-activations: neurons' units over 2^S, rounding included, lifted by some units. */
  #inUnits(tensor: FloatTensor, scales: Float64Array, lift: number): Omit<Sum, 'kind'> {
    const { bias, terms } = this.#rounded(
      tensor,
      scales.map((scale) => scale / 2 ** this.#S),
    );
    const { shape } = tensor;
    const lifted = bias.length > 0 ? bias : new Float64Array(shape.channels);
    const half = 2 ** (this.#S - 1);
    return { shape, terms, bias: lifted.map((value) => value + half + lift * 2 ** this.#S) };
  }

  /** Every weight and bias as the nearest integer in its channel's unit. */
  #rounded({ terms, bias }: FloatTensor, units: Float64Array): Pick<Sum, 'terms' | 'bias'> {
    return {
      terms: terms.map(({ input, at, map }) => {
        const channels = this.channelsOf(input);
        const weights = new Int32Array(map.weights.length);
        map.weights.forEach((weight, w) => {
          const rounded = Math.round(weight / (units[at + channelOf(map, w, channels)] ?? 1));
          if (!(Math.abs(rounded) < 2 ** 31)) throw tooLarge(rounded);
          weights[w] = rounded;
        });
        return { input, at, map: { ...map, weights } };
      }),
      bias: bias.map((value, e) => {
        const rounded = Math.round(value / (units[e % units.length] ?? 1));
        if (!(Math.abs(rounded) < 2 ** 52)) throw tooLarge(rounded);
        return rounded + 0;
      }),
    };
  }

  /** A sum of nodes of one shape and a constant, exact. */
  #total(inputs: readonly number[], constant: number): number {
    const { shape } = this.#at(inputs[0] ?? 0, new Map());
    const terms = inputs.map((input) => ({ input, at: 0, map: unit(shape.channels) }));
    const bias =
      constant === 0 ? new Float64Array() : new Float64Array(shape.channels).fill(constant);
    return this.#sum({ shape, terms, bias });
  }

  /** A sum without rounding, which the calibration images follow as they are. */
  #exact(terms: readonly Term<Int32Array>[], shape: Shape): number {
    const node = this.#sum({ shape, terms, bias: new Float64Array() });
    this.#follow(node, (values) => {
      const output = { shape, values: new Float64Array(sizeOf(shape)) };
      for (const { input, at, map } of terms)
        addMap(map, at, { input: this.#at(input, values), output });
      return output.values;
    });
    return node;
  }

  #sum(sum: Omit<Sum, 'kind'>): number {
    return this.#add({ kind: 'sum', ...sum });
  }

  #neurons(input: number, scales: Float64Array): number {
    this.#neuronNodes++;
    const shape = this.#nodes[input]?.shape ?? { height: 0, width: 0, channels: 0 };
    return this.#add({ kind: 'relu', shape, input, scales });
  }

  #add(node: Node): number {
    addSizes(this.#sizes, node, this.channelsOf);
    checkSizes(this.#sizes);
    this.#bounds.push(
      boundsOf(
        node,
        (input) => this.#bounds[input] ?? { low: new Float64Array(), high: new Float64Array() },
        this.#A,
      ),
    );
    return this.#nodes.push(node) - 1;
  }

  /** Lets go of the calibration images' values but in these nodes, which alone will be taken again. */
  forget(wanted: readonly number[]): void {
    const kept = new Set(wanted);
    for (const values of this.#values) {
      for (const node of values.keys()) if (!kept.has(node)) values.delete(node);
    }
  }

  #follow(
    node: number,
    compute: (values: Map<number, Float64Array>, image: number) => Float64Array,
  ): void {
    this.#values.forEach((values, image) => {
      values.set(node, compute(values, image));
    });
  }

  #at(
    node: number,
    values: ReadonlyMap<number, Float64Array>,
  ): { shape: Shape; values: Float64Array } {
    const shape = this.#nodes[node]?.shape ?? { height: 0, width: 0, channels: 0 };
    return { shape, values: values.get(node) ?? new Float64Array() };
  }

  #tensor(node: number, scales: Float64Array): Omit<FloatTensor, 'isPositive'> {
    const shape = this.#nodes[node]?.shape ?? { height: 0, width: 0, channels: 0 };
    const terms = [{ input: node, at: 0, map: { kind: 'scale' as const, weights: scales } }];
    return { shape, terms, bias: new Float64Array() };
  }
}

/** The bias of an average. */
function averageBias(
  { bias, shape: input }: FloatTensor,
  window: Window,
  shape: Shape,
  counts: readonly number[],
): Float64Array {
  if (bias.length <= input.channels) return bias;
  const sums = new Float64Array(sizeOf(shape));
  eachTap(window, input, shape, (_, from, to) => {
    for (let c = 0; c < shape.channels; c++) {
      const place = to * shape.channels + c;
      sums[place] = (sums[place] ?? 0) + (bias[from * shape.channels + c] ?? 0);
    }
  });
  return compress(
    sums.map((sum, e) => sum / (counts[Math.floor(e / shape.channels)] ?? 1)),
    shape,
  );
}

function slidingMaximum(
  values: Float64Array,
  window: Window,
  input: Shape,
  output: Shape,
): Float64Array {
  const maxima = new Float64Array(sizeOf(output)).fill(-Infinity);
  eachTap(window, input, output, (_, from, to) => {
    for (let c = 0; c < output.channels; c++) {
      const place = to * output.channels + c;
      maxima[place] = Math.max(maxima[place] ?? 0, values[from * output.channels + c] ?? 0);
    }
  });
  return maxima;
}

/** The range of the neurons of a running maximum with floor 0: of xₜ − yₜ₋₁, and of y. */
function slidingRange(
  values: Float64Array,
  window: Window,
  input: Shape,
  output: Shape,
): Float64Array {
  const running = new Float64Array(sizeOf(output));
  const ranges = new Float64Array(sizeOf(output));
  eachTap(window, input, output, (_, from, to) => {
    for (let c = 0; c < output.channels; c++) {
      const place = to * output.channels + c;
      const value = values[from * output.channels + c] ?? 0;
      const y = running[place] ?? 0;
      running[place] = Math.max(y, value);
      ranges[place] = Math.max(ranges[place] ?? 0, Math.abs(value - y), running[place] ?? 0);
    }
  });
  return ranges;
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function tooLarge(value: number): InputError {
  return new InputError({
    code: 'network.scale',
    message: `a weight becomes ${value.toExponential(2)}, which does not fit: a layer’s values are far smaller than what it takes`,
    hint: 'calibrate on images of the task; a model with dead layers cannot be quantised',
  });
}
