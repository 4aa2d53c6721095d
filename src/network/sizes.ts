import { InputError, type Shape, sizeOf } from '../base/index.js';
import {
  type LinearMap,
  type NetworkFields,
  type Node,
  outputChannels,
  type Term,
} from './graph.js';

/** Limits of a network that is read, before any work is done with it. */
export const limits = {
  nodes: 10_000,
  /** Elements of all nodes together. */
  elements: 2 ** 24,
  neurons: 2 ** 20,
  weights: 2 ** 27,
  multiplications: 2 ** 30,
} as const;

/** How large a network is. */
export interface Sizes {
  nodes: number;
  elements: number;
  neurons: number;
  weights: number;
  /** Of weights with inputs in one run, those at the border included. */
  multiplications: number;
}

export function noSizes(): Sizes {
  return { nodes: 0, elements: 0, neurons: 0, weights: 0, multiplications: 0 };
}

/** Counts without allocating anything. */
export function sizesOf(nodes: readonly Node[]): Sizes {
  const sizes = noSizes();
  for (const node of nodes) addSizes(sizes, node, (input) => nodes[input]?.shape.channels ?? 0);
  return sizes;
}

/** Counts one more node. */
export function addSizes(sizes: Sizes, node: Node, channelsOf: (node: number) => number): void {
  const elements = sizeOf(node.shape);
  sizes.nodes++;
  sizes.elements += elements;
  if (node.kind === 'relu') sizes.neurons += elements;
  if (node.kind !== 'sum') return;
  sizes.weights += node.bias.length;
  addTerms(sizes, node, channelsOf);
}

/** Counts linear maps, of integers or still of floats. */
export function addTerms(
  sizes: Sizes,
  { shape, terms }: { readonly shape: Shape; readonly terms: readonly Term[] },
  channelsOf: (node: number) => number,
): void {
  for (const { input, map } of terms) {
    sizes.weights += map.weights.length;
    sizes.multiplications += multiplications(map, channelsOf(input), shape);
  }
}

function multiplications(map: LinearMap, channels: number, shape: Shape): number {
  const places = shape.height * shape.width;
  if (map.kind === 'scale') return places * channels;
  const taps = map.size[0] * map.size[1];
  return (
    places * taps * outputChannels(map, channels) * (map.kind === 'convolution' ? channels : 1)
  );
}

/** Throws `InputError` `network.size` for a network beyond the limits. */
export function checkSizes(sizes: Readonly<Partial<Sizes>>): void {
  for (const name of ['nodes', 'elements', 'neurons', 'weights', 'multiplications'] as const) {
    const size = sizes[name] ?? 0;
    if (size <= limits[name]) continue;
    throw new InputError({
      code: 'network.size',
      message: `the network has ${size.toLocaleString('en')} ${name}, more than ${limits[name].toLocaleString('en')}`,
      hint: 'a smaller network can be judged in white box mode; this one only as a black box',
    });
  }
}

/**
 * Checks that a graph is one: every node takes earlier ones of fitting sizes, the image comes first and a logit for each
 * class last. Throws `InputError` `network.graph`.
 */
export function checkGraph({ nodes, A, S }: Pick<NetworkFields, 'nodes' | 'A' | 'S'>): void {
  const refuse = (message: string): never => {
    throw new InputError({ code: 'network.graph', message });
  };
  if (A + S > 30) refuse(`neurons have ${A} + ${S} bits, more than 30`);
  const last = nodes.at(-1);
  if (
    last?.kind !== 'sum' ||
    last.shape.height !== 1 ||
    last.shape.width !== 1 ||
    last.shape.channels < 2
  ) {
    refuse('the last node is no sum with a logit for each class');
  }
  nodes.forEach((node, i) => {
    if ((node.kind === 'pixels') !== (i === 0))
      refuse(`node ${i}: the image is node 0 and no other`);
    if (node.kind === 'pixels') return;
    if (node.kind === 'sum') {
      for (const { input, at, map } of node.terms)
        checkTerm(i, node, { at, map, from: earlier(nodes, i, input) });
      checkPeriod(i, 'bias', node.bias.length, node, true);
      return;
    }
    const from = earlier(nodes, i, node.input);
    if (sizeOf(from.shape) !== sizeOf(node.shape))
      refuse(`node ${i} has another size than node ${node.input}`);
    if (node.kind === 'relu' && !node.scales.every((scale) => scale > 0 && scale < Infinity)) {
      refuse(`node ${i} has a scale that is no positive number`);
    }
  });
}

/** The node that node `i` takes. Throws `InputError` `network.graph` for one that does not come before it. */
export function earlier(nodes: readonly Node[], i: number, input: number): Node {
  const node = nodes[input];
  if (node && input < i) return node;
  throw new InputError({
    code: 'network.graph',
    message: `node ${i} takes node ${input}, which does not come before it: the graph has a cycle, or a node is missing`,
  });
}

function checkTerm(
  i: number,
  { shape }: Node,
  { at, map, from }: { at: number; map: LinearMap; from: Node },
): void {
  const places = shape.height * shape.width;
  const fits =
    at + outputChannels(map, from.shape.channels) <= shape.channels &&
    (map.kind !== 'scale' || places === from.shape.height * from.shape.width);
  if (!fits) {
    throw new InputError({
      code: 'network.graph',
      message: `node ${i}: a linear map gives more than the node holds`,
    });
  }
  if (map.kind === 'scale') checkPeriod(i, 'scale', map.weights.length, from, false);
}

/** One value a channel, one an element, or none where that is allowed. */
function checkPeriod(
  i: number,
  name: string,
  length: number,
  { shape }: Node,
  none: boolean,
): void {
  if (length === shape.channels || length === sizeOf(shape) || (none && length === 0)) return;
  throw new InputError({
    code: 'network.graph',
    message: `node ${i}: the ${name} has ${length} values, neither one a channel nor one an element`,
  });
}
