import { InputError } from '../base/index.js';
import { formBound, type LinearMap, logitBound, type Node } from './graph.js';

/** For each channel the least and greatest value of its elements, whatever the image. */
export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The bounds of a node from those of its inputs. Throws `InputError` `network.bounds` for a form that may reach 2^52. */
export function boundsOf(node: Node, inputs: (node: number) => Bounds, A: number): Bounds {
  const { channels } = node.shape;
  switch (node.kind) {
    case 'pixels':
      return { low: new Float64Array(channels), high: new Float64Array(channels).fill(255) };
    case 'relu':
      return { low: new Float64Array(channels), high: new Float64Array(channels).fill(2 ** A - 1) };
    case 'reshape': {
      const { low, high } = inputs(node.input);
      // Channels of equal remainder share elements: of 4 channels as 2, the first one holds the old first and third.
      const period = greatestCommonDivisor(low.length, channels);
      const least = new Float64Array(period).fill(Infinity);
      const most = new Float64Array(period).fill(-Infinity);
      low.forEach((value, c) => (least[c % period] = Math.min(least[c % period] ?? 0, value)));
      high.forEach((value, c) => (most[c % period] = Math.max(most[c % period] ?? 0, value)));
      const spread = (values: Float64Array): Float64Array =>
        new Float64Array(channels).map((_, c) => values[c % period] ?? 0);
      return { low: spread(least), high: spread(most) };
    }
    case 'sum': {
      const low = new Float64Array(channels);
      const high = new Float64Array(channels);
      const size = new Float64Array(channels);
      for (const { input, at, map } of node.terms)
        addBounds(map, inputs(input), { low, high, size, at });
      addBias(node.bias, { low, high, size });
      const worst = size.reduce((most, one) => Math.max(most, one), 0);
      if (!(worst < formBound)) {
        throw new InputError({
          code: 'network.bounds',
          message: `the values of a layer may reach ${worst.toExponential(2)}, 2^52 or more: the random check would not hold over the integers`,
          hint: 'no honest quantisation has such weights; make the network again with `veilmark network make`',
        });
      }
      return { low, high };
    }
  }
}

/** Throws `InputError` `network.bounds` for logits beyond 2^38, which the circuit’s margin would not fit. */
export function checkLogits({ low, high }: Bounds): void {
  let worst = 0;
  for (const values of [low, high]) {
    for (const value of values) worst = Math.max(worst, Math.abs(value));
  }
  if (worst <= logitBound) return;
  throw new InputError({
    code: 'network.bounds',
    message: `the logits may reach ${worst.toExponential(2)}, more than 2^38`,
    hint: 'make the network again with `veilmark network make`, which chooses their scale',
  });
}

export function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}

type Sums = Record<'low' | 'high' | 'size', Float64Array> & { readonly at?: number };

/** Zeros beside the image may take the place of any input of a window. */
function addBounds(map: LinearMap, input: Bounds, { low, high, size, at = 0 }: Sums): void {
  const { weights } = map;
  const channels = input.low.length;
  const add = (to: number, weight: number, from: number): void => {
    const least = weight * Math.min(input.low[from] ?? 0, 0);
    const most = weight * Math.max(input.high[from] ?? 0, 0);
    low[to] = (low[to] ?? 0) + Math.min(least, most);
    high[to] = (high[to] ?? 0) + Math.max(least, most);
    size[to] = (size[to] ?? 0) + Math.max(Math.abs(least), Math.abs(most));
  };
  switch (map.kind) {
    case 'scale':
      // Where each element has its own weight, the largest of a channel stands for all.
      for (let c = 0; c < channels; c++) {
        let [least, most] = [0, 0];
        for (let w = c; w < weights.length; w += channels) {
          least = Math.min(least, weights[w] ?? 0);
          most = Math.max(most, weights[w] ?? 0);
        }
        add(at + c, least, c);
        add(at + c, most, c);
      }
      return;
    case 'convolution':
      for (let w = 0; w < weights.length; w++) {
        add(at + (w % map.filters), weights[w] ?? 0, Math.floor(w / map.filters) % channels);
      }
      return;
    case 'depthwise':
      for (let w = 0; w < weights.length; w++) {
        const to = w % (channels * map.multiplier);
        add(at + to, weights[w] ?? 0, Math.floor(to / map.multiplier));
      }
  }
}

function addBias(bias: Float64Array, { low, high, size }: Sums): void {
  const channels = low.length;
  for (let c = 0; c < channels && bias.length > 0; c++) {
    let [least, most] = [Infinity, -Infinity];
    for (let e = c; e < bias.length; e += channels) {
      least = Math.min(least, bias[e] ?? 0);
      most = Math.max(most, bias[e] ?? 0);
    }
    low[c] = (low[c] ?? 0) + least;
    high[c] = (high[c] ?? 0) + most;
    size[c] = (size[c] ?? 0) + Math.max(Math.abs(least), Math.abs(most));
  }
}
