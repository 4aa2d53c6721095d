import fc from 'fast-check';

import type { Shape } from '../../src/base/index.js';
import { finishNetwork, type LinearMap, type Node, type Sum } from '../../src/network/index.js';
import type { IntegerNetwork, Term } from '../../src/network/index.js';

type Draw = fc.GeneratorValue;
type IntegerTerm = Term<Int32Array>;

const sizeOf = ({ height, width, channels }: Shape): number => height * width * channels;
const flat = (channels: number): Shape => ({ height: 1, width: 1, channels });

/** Fields of a network that does not matter. */
export const around = {
  model: new Uint8Array(32).fill(1),
  calibration: { digest: new Uint8Array(32).fill(2), images: 3 },
  logitScale: 0.25,
};

export function sum(shape: Shape, terms: readonly IntegerTerm[], bias: number[] = []): Sum {
  return { kind: 'sum', shape, terms, bias: Float64Array.from(bias) };
}

/** All outputs of a node into each of some others. */
export function dense(
  input: number,
  { weights, filters }: { weights: readonly number[]; filters: number },
): IntegerTerm {
  const one = [1, 1] as const;
  const window = { size: one, stride: one, pad: [0, 0], dilation: one } as const;
  const map = { kind: 'convolution', ...window, filters, weights: Int32Array.from(weights) };
  return { input, at: 0, map: map as LinearMap<Int32Array> };
}

/** One pixel, one neuron, two logits: acc = 3·pixel − 100, logits = (2·out, 7). */
export function tiny(change: Partial<{ A: number; S: number; nodes: Node[] }> = {}) {
  const nodes: Node[] = [
    { kind: 'pixels', shape: flat(1) },
    sum(flat(1), [dense(0, { weights: [3], filters: 1 })], [-100]),
    { kind: 'relu', shape: flat(1), input: 1, scales: Float64Array.of(0.5) },
    sum(flat(2), [dense(2, { weights: [2, 0], filters: 2 })], [0, 7]),
  ];
  return { A: 8, S: 4, nodes, ...around, ...change };
}

/** One of some values. */
export function pick<T>(g: Draw, ...values: readonly T[]): T {
  return values[g(fc.nat, values.length - 1)]!;
}

/** Any graph that the file allows, of few elements and small weights, all of them times `factor`. */
export function randomNetwork(g: Draw, factor = 1): IntegerNetwork {
  const int = (min: number, max: number): number => g(fc.integer, { min, max });
  const side = (): number => int(1, 4);
  const shape = (): Shape => ({ height: side(), width: side(), channels: int(1, 3) });
  const weights = (length: number): Int32Array =>
    Int32Array.from({ length }, () => factor * pick(g, -3, -2, -1, 0, 1, 2));
  const nodes: Node[] = [{ kind: 'pixels', shape: shape() }];
  const shapeOf = (node: number): Shape => nodes[node]!.shape;

  const term = (input: number, to: Shape): IntegerTerm | undefined => {
    const from = shapeOf(input);
    const places = from.height * from.width === to.height * to.width;
    const kind = pick<LinearMap['kind']>(g, 'scale', 'convolution', 'depthwise');
    const pair = (min: number, max: number) => [int(min, max), int(min, max)] as const;
    const window = {
      size: pair(1, 3),
      stride: pair(1, 3),
      pad: pair(-1, 2),
      dilation: pair(1, 2),
    };
    const taps = window.size[0] * window.size[1] * from.channels;
    const room = to.channels - from.channels;
    if (kind === 'scale') {
      if (!places || room < 0) return undefined;
      const length = g(fc.boolean) ? from.channels : sizeOf(from);
      return { input, at: int(0, room), map: { kind, weights: weights(length) } };
    }
    if (kind === 'depthwise') {
      if (room < 0) return undefined;
      const multiplier = int(1, Math.floor(to.channels / from.channels));
      const at = int(0, to.channels - from.channels * multiplier);
      return {
        input,
        at,
        map: { kind, ...window, multiplier, weights: weights(taps * multiplier) },
      };
    }
    const filters = int(1, to.channels);
    const at = int(0, to.channels - filters);
    return { input, at, map: { kind, ...window, filters, weights: weights(taps * filters) } };
  };
  const addSum = (to: Shape): number => {
    const terms = Array.from({ length: int(1, 3) }, () => term(int(0, nodes.length - 1), to));
    const length = pick(g, 0, to.channels, sizeOf(to));
    const bias = Array.from({ length }, () => int(-500, 500));
    const found = terms.filter((one) => one !== undefined);
    return nodes.push(sum(to, found, bias)) - 1;
  };
  for (let steps = int(1, 5); steps > 0; steps--) {
    const input = int(0, nodes.length - 1);
    const from = shapeOf(input);
    if (g(fc.integer, { min: 0, max: 3 }) === 0) {
      const { height, width, channels } = from;
      const to = pick(
        g,
        flat(sizeOf(from)),
        { height: width, width: channels, channels: height },
        { height: channels, width: 1, channels: height * width },
      );
      nodes.push({ kind: 'reshape', shape: to, input });
    }
    const to = g(fc.boolean) ? shape() : from;
    const node = addSum(to);
    if (g(fc.integer, { min: 0, max: 3 }) > 0) {
      const scales = new Float64Array(to.channels).fill(1);
      nodes.push({ kind: 'relu', shape: to, input: node, scales });
    }
  }
  const classes = int(2, 4);
  const last = Array.from({ length: int(1, 2) }, () => int(0, nodes.length - 1));
  const terms = last.map((input) => term(input, flat(classes))).filter((one) => one !== undefined);
  nodes.push(
    sum(
      flat(classes),
      terms,
      Array.from({ length: classes }, () => int(-9, 9)),
    ),
  );
  return finishNetwork({ A: int(9, 14), S: int(1, 6), nodes, ...around });
}

export function randomImage(g: Draw, shape: Shape): { shape: Shape; pixels: Uint8Array } {
  const length = sizeOf(shape);
  return { shape, pixels: g(fc.uint8Array, { minLength: length, maxLength: length }) };
}
