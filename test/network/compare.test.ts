import { expect } from 'chai';

import type { Image } from '../../src/base/index.js';
import { SeededStream } from '../../src/crypto/index.js';
import {
  distanceBetween,
  finishNetwork,
  firstDifference,
  type FloatLayer,
  type FloatWindow,
  type IntegerNetwork,
  quantise,
} from '../../src/network/index.js';

const stream = new SeededStream('test/network-compare', []);
const floats = (count: number): Float64Array =>
  Float64Array.from({ length: count }, () => stream.below(2001) / 1000 - 1);

const shape = { height: 8, width: 8, channels: 1 };
const images = Array.from({ length: 20 }, (): Image => ({ shape, pixels: stream.bytes(64) }));

const windowOf = (size: number, stride: number): FloatWindow => ({
  size: [size, size],
  strides: [stride, stride],
  dilation: [1, 1],
  padding: 'valid',
});

/** Layers of every kind that makes exact sums: pools of both kinds, padding, flattening. */
const layers: FloatLayer[] = [
  { kind: 'input' as const, shape },
  { kind: 'pad' as const, before: [1, 1] as const, after: [1, 1] as const },
  {
    kind: 'convolution' as const,
    ...{ window: windowOf(3, 1), filters: 3, kernel: floats(27), bias: floats(3) },
  },
  { kind: 'maxPool' as const, window: windowOf(2, 2) },
  {
    kind: 'convolution' as const,
    ...{ window: windowOf(1, 1), filters: 4, kernel: floats(12), bias: floats(4) },
  },
  { kind: 'relu' as const },
  { kind: 'averagePool' as const, window: windowOf(2, 2) },
  { kind: 'flatten' as const },
  {
    kind: 'convolution' as const,
    ...{ window: windowOf(1, 1), filters: 5, kernel: floats(80), bias: floats(5) },
  },
].map((operation, i) => ({
  name: String(i),
  inputs: i === 0 ? [] : [String(i - 1)],
  operation,
}));

function networkOf(headroom: number, changed: readonly FloatLayer[] = layers): IntegerNetwork {
  const digest = new Uint8Array(32);
  return quantise(
    { layers: changed, preprocessing: { mean: [0.3], std: [0.5] }, digest },
    {
      ...{ A: 12, S: 12 },
      calibration: { digest, images: images.length },
      scales: { kind: 'measure', images, headroom },
    },
  );
}

describe('comparing integer networks', () => {
  it('finds two roundings of one model nearly alike, in every kind of layer', () => {
    const [a, b] = [networkOf(1.5), networkOf(4)];
    const { isSameGraph, differing, relative } = distanceBetween(a, b);
    expect(isSameGraph).to.equal(true);
    expect(differing).to.be.above(100);
    expect(relative).to.be.within(1e-9, 0.01);
    expect(distanceBetween(a, a)).to.deep.include({ differing: 0, relative: 0 });
  });

  it('sees a layer whose weights were changed by a tenth', () => {
    const longer = layers.map((layer, i) => {
      const { operation } = layer;
      if (i !== 4 || operation.kind !== 'convolution') return layer;
      const kernel = operation.kernel.map((weight, w) => (w === 0 ? weight : weight * 1.1));
      return { ...layer, operation: { ...operation, kernel } };
    });
    const { relative } = distanceBetween(networkOf(1.5), networkOf(1.5, longer));
    expect(relative).to.be.within(0.05, 0.15);
  });

  it('does not compare other graphs', () => {
    const network = networkOf(1.5);
    const other = networkOf(1.5, [...layers.slice(0, 5), ...layers.slice(6)].map(renamed));
    const expected = { isSameGraph: false, weights: 0, differing: 0, relative: Infinity };
    expect(distanceBetween(network, other)).to.deep.equal(expected);
    expect(firstDifference(network, other)?.place).to.equal('the graph');
  });

  it('names the first number that differs', () => {
    const network = networkOf(1.5);
    expect(firstDifference(network, network)).to.equal(undefined);
    const rescaled = finishNetwork({ ...network, logitScale: 2 * network.logitScale });
    expect(firstDifference(rescaled, network)?.place).to.equal('the logits’ scale');
    network.nodes.forEach((node, i) => {
      if (node.kind !== 'sum' || node.bias.length === 0) return;
      const nodes = network.nodes.map((one) => structuredClone(one));
      const changed = nodes[i];
      if (changed?.kind === 'sum') changed.bias[0]! += 1;
      const difference = firstDifference(finishNetwork({ ...network, nodes }), network);
      expect(difference?.place).to.match(new RegExp(`^node ${i}, bias( 0)?$`));
      expect(Number(difference?.found) - Number(difference?.expected)).to.equal(1);
    });
  });
});

/** A chain again, after a layer was taken out. */
function renamed(layer: FloatLayer, i: number): FloatLayer {
  return { ...layer, name: String(i), inputs: i === 0 ? [] : [String(i - 1)] };
}
