import { type Image, sameShape, InputError, formatShape, sizeOf } from '../base/index.js';
import { addBias, addMap } from './apply.js';
import type { IntegerNetwork, NetworkFields } from './graph.js';

/** Everything that a network computes from an image. All are exact integers. */
export interface Activations {
  /** Of each neuron: acc = q·2^S + rem, 0 ≤ rem < 2^S. */
  readonly q: Float64Array;
  readonly rem: Float64Array;
  readonly logits: Float64Array;
  /** Whether every q is in [−2^A, 2^A). Where it is not the network gives no provable answer. */
  readonly inRange: boolean;
}

/** Runs a network on an image of its shape. Throws `InputError` `network.image` for another shape. */
export function runNetwork(network: IntegerNetwork, image: Image): Activations {
  if (!sameShape(network.shape, image.shape)) {
    throw new InputError({
      code: 'network.image',
      message: `the network takes images of ${formatShape(network.shape)}, got ${formatShape(image.shape)}`,
    });
  }
  const { A, S, nodes } = network;
  const [unit, edge] = [2 ** S, 2 ** A];
  const q = new Float64Array(network.neurons);
  const rem = new Float64Array(network.neurons);
  let inRange = true;
  let at = 0;
  const onNeuron = (acc: number): number => {
    const quotient = Math.floor(acc / unit);
    q[at] = quotient;
    rem[at++] = acc - quotient * unit;
    if (quotient < -edge || quotient >= edge) inRange = false;
    return Math.max(quotient, 0);
  };
  const values = forward(nodes, image.pixels, onNeuron);
  return { q, rem, logits: values.at(-1) ?? new Float64Array(), inRange };
}

/** The values of every node; `onNeuron` turns each pre-activation, in order, into an output. */
export function forward(
  nodes: NetworkFields['nodes'],
  pixels: Uint8Array,
  onNeuron: (acc: number) => number,
): Float64Array[] {
  const values: Float64Array[] = [];
  const valuesOf = (node: number): Float64Array => values[node] ?? new Float64Array();
  for (const node of nodes) {
    switch (node.kind) {
      case 'pixels':
        values.push(Float64Array.from(pixels));
        break;
      case 'reshape':
        values.push(valuesOf(node.input));
        break;
      case 'relu':
        values.push(valuesOf(node.input).map(onNeuron));
        break;
      case 'sum': {
        const output = { shape: node.shape, values: new Float64Array(sizeOf(node.shape)) };
        for (const { input, at, map } of node.terms) {
          const shape = nodes[input]?.shape ?? node.shape;
          addMap(map, at, { input: { shape, values: valuesOf(input) }, output });
        }
        addBias(output.values, node.bias);
        values.push(output.values);
      }
    }
  }
  return values;
}

/** The class of the largest logit, the first of equal ones, as the circuit `classification` decides; −1 out of range. */
export function classOf({ logits, inRange }: Activations): number {
  if (!inRange) return -1;
  let best = 0;
  logits.forEach((logit, k) => {
    if (logit > (logits[best] ?? 0)) best = k;
  });
  return best;
}
