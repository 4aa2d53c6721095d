import { type Shape, sizeOf } from '../base/index.js';
import { eachTap, type LinearMap } from './graph.js';

interface Ends {
  readonly input: { readonly shape: Shape; readonly values: ArrayLike<number> };
  /** Values are added to. */
  readonly output: { readonly shape: Shape; readonly values: Float64Array };
}

/** Adds a linear map of `input` to the channels of `output` from `at` on. Exact for integers as long as all sums are below 2^53. */
export function addMap(map: LinearMap, at: number, { input, output }: Ends): void {
  const { weights } = map;
  const [from, to] = [input.values, output.values];
  const [depth, width] = [input.shape.channels, output.shape.channels];
  switch (map.kind) {
    case 'scale': {
      const period = weights.length;
      for (let e = 0, c = 0, w = 0, o = at; e < sizeOf(input.shape); e++) {
        to[o] = (to[o] ?? 0) + (weights[w] ?? 0) * (from[e] ?? 0);
        o++;
        if (++w === period) w = 0;
        if (++c === depth) {
          c = 0;
          o += width - depth;
        }
      }
      return;
    }
    case 'convolution': {
      const { filters } = map;
      eachTap(map, input.shape, output.shape, (tap, source, target) => {
        const o = target * width + at;
        for (let c = 0; c < depth; c++) {
          const value = from[source * depth + c] ?? 0;
          if (value === 0) continue;
          const w = (tap * depth + c) * filters;
          for (let f = 0; f < filters; f++)
            to[o + f] = (to[o + f] ?? 0) + (weights[w + f] ?? 0) * value;
        }
      });
      return;
    }
    case 'depthwise': {
      const { multiplier } = map;
      eachTap(map, input.shape, output.shape, (tap, source, target) => {
        for (let c = 0; c < depth; c++) {
          const value = from[source * depth + c] ?? 0;
          for (let m = 0; m < multiplier; m++) {
            const o = target * width + at + c * multiplier + m;
            to[o] = (to[o] ?? 0) + (weights[(tap * depth + c) * multiplier + m] ?? 0) * value;
          }
        }
      });
    }
  }
}

/** Adds a bias of one value a channel, one an element, or none. */
export function addBias(values: Float64Array, bias: Float64Array): void {
  if (bias.length === 0) return;
  for (let e = 0; e < values.length; e++)
    values[e] = (values[e] ?? 0) + (bias[e % bias.length] ?? 0);
}
