import { type IntegerNetwork, type LinearMap, type Node, type Sum } from './graph.js';

/** The first place where two networks of one model and one set of scales differ. */
export interface Difference {
  /** e.g. `node 3, term 0, weight 17`. */
  readonly place: string;
  readonly found: string;
  readonly expected: string;
}

/** Where a network differs from what it should be, if anywhere: its graph first, then numbers in the file's order. */
export function firstDifference(
  found: IntegerNetwork,
  expected: IntegerNetwork,
): Difference | undefined {
  if (found.nodes.length !== expected.nodes.length) {
    const counts = [found, expected].map(({ nodes }) => `${nodes.length} nodes`);
    return { place: 'the graph', found: counts[0] ?? '', expected: counts[1] ?? '' };
  }
  for (const [i, node] of found.nodes.entries()) {
    const other = expected.nodes[i];
    const difference = other && nodeDifference(node, other);
    if (difference) {
      const place = [`node ${i}`, difference.place].filter((part) => part !== '').join(', ');
      return { ...difference, place };
    }
  }
  return numbersDifference('the logits’ scale', [found.logitScale], [expected.logitScale]);
}

function nodeDifference(found: Node, expected: Node): Difference | undefined {
  const [a, b] = [formOf(found), formOf(expected)];
  if (a !== b) return { place: '', found: a, expected: b };
  if (found.kind === 'relu' && expected.kind === 'relu') {
    return numbersDifference('scale', found.scales, expected.scales);
  }
  if (found.kind !== 'sum' || expected.kind !== 'sum') return undefined;
  for (const [t, { map }] of found.terms.entries()) {
    const weights = expected.terms[t]?.map.weights ?? [];
    const difference = numbersDifference(`term ${t}, weight`, map.weights, weights);
    if (difference) return difference;
  }
  return numbersDifference('bias', found.bias, expected.bias);
}

function numbersDifference(
  name: string,
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
): Difference | undefined {
  for (let i = 0; i < Math.max(found.length, expected.length); i++) {
    if (found[i] === expected[i]) continue;
    const place = expected.length === 1 ? name : `${name} ${i}`;
    return { place, found: String(found[i] ?? 'none'), expected: String(expected[i] ?? 'none') };
  }
  return undefined;
}

/** A node without its numbers. */
function formOf(node: Node, isExact = true): string {
  return JSON.stringify(node, (key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    const { length } = value as Float64Array;
    // Whether a bias is one value a channel or one an element depends on its values.
    return isExact || key !== 'bias' ? length : 0;
  });
}

/** How far two networks are from each other. */
export interface NetworkDistance {
  /** Whether they are the same but for numbers; if not, nothing else is known. */
  readonly isSameGraph: boolean;
  /** Weights, and how many of them are other integers. */
  readonly weights: number;
  readonly differing: number;
  /** ‖a − b‖ / ‖a‖ of the float weights that they stand for, of the linear map where it is greatest. */
  readonly relative: number;
}

/** Compares the weights of two networks. */
export function distanceBetween(a: IntegerNetwork, b: IntegerNetwork): NetworkDistance {
  const result = { isSameGraph: false, weights: 0, differing: 0, relative: 0 };
  const isSameGraph =
    a.A === b.A &&
    a.S === b.S &&
    a.nodes.length === b.nodes.length &&
    a.nodes.every((node, i) => formOf(node, false) === formOf(b.nodes[i] ?? node, false));
  if (!isSameGraph) return { ...result, relative: Infinity };
  const [ours, theirs] = [unitsOf(a), unitsOf(b)];
  for (const [i, node] of a.nodes.entries()) {
    const other = b.nodes[i];
    if (node.kind !== 'sum' || other?.kind !== 'sum') continue;
    let [square, total] = [0, 0];
    node.terms.forEach(({ input, at, map }, t) => {
      const others = other.terms[t]?.map.weights ?? map.weights;
      const depth = a.nodes[input]?.shape.channels ?? 1;
      map.weights.forEach((weight, w) => {
        const [source, target] = channelsOf(map, w, depth);
        const unit = (units: readonly Float64Array[]): number =>
          (units[i]?.[at + target] ?? 1) / (units[input]?.[source] ?? 1);
        const otherWeight = others[w] ?? 0;
        result.weights++;
        if (weight !== otherWeight) result.differing++;
        const float = weight * unit(ours);
        square += (float - otherWeight * unit(theirs)) ** 2;
        total += float ** 2;
      });
    });
    if (square > 0) result.relative = Math.max(result.relative, Math.sqrt(square / total));
  }
  return { ...result, isSameGraph };
}

/** For each node and channel what 1 stands for in the float model; a pixel stands for itself. */
function unitsOf({ nodes, S, logitScale }: IntegerNetwork): Float64Array[] {
  const units: Float64Array[] = [];
  for (const [i, node] of nodes.entries()) {
    const { channels } = node.shape;
    const relu = node.kind === 'sum' ? nodes[reluAfter(nodes, i) ?? -1] : node;
    if (i === nodes.length - 1) units.push(new Float64Array(channels).fill(logitScale));
    else if (relu?.kind === 'relu') {
      units.push(node === relu ? relu.scales : relu.scales.map((scale) => scale / 2 ** S));
    } else if (node.kind === 'pixels') units.push(new Float64Array(channels).fill(1));
    else {
      // Exact sums and other shapes keep the units of what they take.
      const input = node.kind === 'sum' ? (node.terms[0]?.input ?? 0) : node.input;
      const from = units[input] ?? [];
      units.push(Float64Array.from({ length: channels }, (_, c) => from[c % from.length] ?? 1));
    }
  }
  return units;
}

/** The neurons whose pre-activations, or the inputs of whose maxima, a sum holds. */
function reluAfter(nodes: readonly Node[], i: number): number | undefined {
  const reluOf = (sum: number): number | undefined => {
    const at = nodes.findIndex((node) => node.kind === 'relu' && node.input === sum);
    return at < 0 ? undefined : at;
  };
  const own = reluOf(i);
  if (own !== undefined) return own;
  const takes = ({ terms }: Sum): boolean =>
    terms.some(({ input, map }) => input === i && map.kind === 'depthwise');
  const next = nodes.findIndex((node) => node.kind === 'sum' && takes(node));
  return next < 0 ? undefined : reluOf(next);
}

/** Channel of the input and of the output, from the term's first on, that a weight belongs to. */
function channelsOf(map: LinearMap, w: number, depth: number): [input: number, output: number] {
  switch (map.kind) {
    case 'scale':
      return [w % depth, w % depth];
    case 'convolution':
      return [Math.floor(w / map.filters) % depth, w % map.filters];
    case 'depthwise': {
      const output = w % (depth * map.multiplier);
      return [Math.floor(output / map.multiplier), output];
    }
  }
}
