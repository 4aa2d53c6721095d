import { sizeOf } from '../base/index.js';
import { fieldOrder } from '../crypto/index.js';
import { eachTap, type IntegerNetwork, logitBound, type Sum } from './graph.js';

/**
 * The random check at a point ρ, from public weights alone: with N neurons, unused ones included, and acc and logits as the
 * network's linear forms of outputs and pixels,
 * Σ ρ^j·acc[j] + Σ ρ^(N+k)·logit[k] − Σ outputs[j]·out[j] − Σ pixels[p]·pixel[p] = constant.
 * All are canonical field elements.
 */
export interface Projection {
  /** Coefficient of each neuron's output, length N; 0 for unused ones. */
  readonly outputs: readonly bigint[];
  readonly pixels: readonly bigint[];
  /** ρ^(N+k) for each logit, unused ones included. */
  readonly powers: readonly bigint[];
  readonly constant: bigint;
}

/** The value of an unused logit: below all used ones, by less than the circuit's margin allows. */
export const unusedLogit = -BigInt(logitBound);

/**
 * Projects a network onto ρ (the transposed network applied to the powers of ρ), for `room` logits and `neurons` neurons, unused
 * ones included: those carry acc = 0, so that the logits' exponents start after them.
 */
export function project(
  network: IntegerNetwork,
  rho: bigint,
  { neurons, room }: { neurons: number; room: number },
): Projection {
  if (neurons < network.neurons || room < network.classes) {
    throw new RangeError(
      `no room for ${network.neurons} neurons and ${network.classes} logits in ${neurons} and ${room}`,
    );
  }
  const powers: bigint[] = [1n];
  for (let i = 1; i < neurons + room; i++) powers.push(((powers[i - 1] ?? 0n) * rho) % fieldOrder);
  const logitPowers = powers.slice(neurons);
  // What each node's elements weigh in the left side, still without reduction; filled from the last node back.
  const weigh = network.nodes.map(({ shape }) => new Array<bigint>(sizeOf(shape)).fill(0n));
  const weightsOf = (node: number): bigint[] => weigh[node] ?? [];
  const outputs = new Array<bigint>(neurons).fill(0n);
  const last = weightsOf(network.nodes.length - 1);
  for (let k = 0; k < last.length; k++) last[k] = logitPowers[k] ?? 0n;
  let constant = logitPowers
    .slice(last.length)
    .reduce((sum, power) => sum + power * unusedLogit, 0n);
  let end = network.neurons;
  for (const [i, node] of [...network.nodes.entries()].reverse()) {
    const own = reduce(weightsOf(i));
    switch (node.kind) {
      case 'pixels':
        break;
      case 'reshape':
        addTo(weightsOf(node.input), own);
        break;
      case 'relu': {
        const first = end - own.length;
        own.forEach((weight, e) => (outputs[first + e] = weight));
        addTo(weightsOf(node.input), powers.slice(first, end));
        end = first;
        break;
      }
      case 'sum':
        constant += biasOf(node, own);
        for (const { input, at, map } of node.terms) {
          const shape = network.nodes[input]?.shape ?? node.shape;
          transpose(map, at, {
            input: { shape, values: weightsOf(input) },
            output: { shape: node.shape, values: own },
          });
        }
    }
    weigh[i] = i === 0 ? own : [];
  }
  return { outputs, pixels: weightsOf(0), powers: logitPowers, constant: modulo(constant) };
}

function biasOf({ bias }: Sum, weights: readonly bigint[]): bigint {
  if (bias.length === 0) return 0n;
  const integers = Array.from(bias, BigInt);
  return weights.reduce(
    (sum, weight, e) => sum + weight * (integers[e % integers.length] ?? 0n),
    0n,
  );
}

/** Adds the transposed map of the output's weights to the input's. */
function transpose(
  map: Sum['terms'][number]['map'],
  at: number,
  {
    input,
    output,
  }: Record<'input' | 'output', { readonly shape: Sum['shape']; readonly values: bigint[] }>,
): void {
  const weights = Array.from(map.weights, BigInt);
  const [to, from] = [input.values, output.values];
  const [depth, width] = [input.shape.channels, output.shape.channels];
  switch (map.kind) {
    case 'scale':
      for (let e = 0; e < to.length; e++) {
        const source = Math.floor(e / depth) * width + at + (e % depth);
        to[e] = (to[e] ?? 0n) + (weights[e % weights.length] ?? 0n) * (from[source] ?? 0n);
      }
      return;
    case 'convolution':
      eachTap(map, input.shape, output.shape, (tap, target, source) => {
        for (let c = 0; c < depth; c++) {
          const w = (tap * depth + c) * map.filters;
          let sum = 0n;
          for (let f = 0; f < map.filters; f++) {
            sum += (weights[w + f] ?? 0n) * (from[source * width + at + f] ?? 0n);
          }
          to[target * depth + c] = (to[target * depth + c] ?? 0n) + sum;
        }
      });
      return;
    case 'depthwise':
      eachTap(map, input.shape, output.shape, (tap, target, source) => {
        for (let c = 0; c < depth; c++) {
          for (let m = 0; m < map.multiplier; m++) {
            const weight = weights[(tap * depth + c) * map.multiplier + m] ?? 0n;
            const value = from[source * width + at + c * map.multiplier + m] ?? 0n;
            to[target * depth + c] = (to[target * depth + c] ?? 0n) + weight * value;
          }
        }
      });
  }
}

function addTo(values: bigint[], more: readonly bigint[]): void {
  for (let e = 0; e < values.length; e++) values[e] = (values[e] ?? 0n) + (more[e] ?? 0n);
}

function reduce(values: readonly bigint[]): bigint[] {
  return values.map(modulo);
}

function modulo(value: bigint): bigint {
  const rest = value % fieldOrder;
  return rest < 0n ? rest + fieldOrder : rest;
}
