import { expect } from 'chai';

import type { Shape } from '../../src/base/index.js';
import {
  decodeNetwork,
  encodeNetwork,
  limits,
  type Node,
  type Term,
} from '../../src/network/index.js';
import { coded } from '../coded.js';
import { around, dense, sum, tiny } from './graphs.js';

const shape = (height: number, width: number, channels: number): Shape => ({
  height,
  width,
  channels,
});
const flat = (channels: number): Shape => shape(1, 1, channels);
const pixels = (of: Shape): Node => ({ kind: 'pixels', shape: of });
const scale = (input: number, ...weights: number[]): Term<Int32Array> => ({
  input,
  at: 0,
  map: { kind: 'scale', weights: Int32Array.from(weights) },
});
const file = (nodes: readonly Node[], A = 8): Uint8Array =>
  encodeNetwork({ ...around, A, S: 4, nodes });

/** Refused within a moment, and without the memory that its sizes ask for. */
async function refusedAtOnce(code: string, bytes: Uint8Array): Promise<void> {
  const [start, before] = [performance.now(), process.memoryUsage()];
  await coded(code, () => decodeNetwork(bytes));
  const after = process.memoryUsage();
  expect(performance.now() - start).to.be.lessThan(1000);
  expect(after.arrayBuffers - before.arrayBuffers).to.be.lessThan(2 ** 26);
}

describe('limits of networks', () => {
  const logits = sum(flat(2), [], [0, 0]);
  const side = 2 ** 26;
  const oversized: Record<string, Uint8Array> = {
    'an image': file([pixels(shape(side, side, side)), logits]),
    'a row of channels': file([pixels(flat(side)), logits]),
    'a sum': file([pixels(flat(1)), sum(shape(side, side, 1), []), logits]),
    logits: file([pixels(flat(1)), sum(flat(2 ** 25), [])]),
    'many sums': file([
      pixels(flat(1)),
      ...Array.from({ length: 100 }, () => sum(shape(512, 512, 1), [])),
      logits,
    ]),
    neurons: file([
      pixels(shape(1024, 1025, 1)),
      { kind: 'relu', shape: shape(1024, 1025, 1), input: 0, scales: Float64Array.of(1) },
      logits,
    ]),
  };
  for (const [name, bytes] of Object.entries(oversized)) {
    it(`refuse ${name} too large`, () => refusedAtOnce('network.size', bytes));
  }

  it('refuse too many multiplications in a small file', async () => {
    const of = shape(1024, 1024, 1);
    const [size, one, pad] = [[100, 100] as const, [1, 1] as const, [50, 50] as const];
    const weights = new Int32Array(10_000);
    const window = { kind: 'convolution' as const, size, stride: one, pad, dilation: one };
    const term = { input: 0, at: 0, map: { ...window, filters: 1, weights } };
    await refusedAtOnce('network.size', file([pixels(of), sum(of, [term]), logits]));
    await refusedAtOnce(
      'network.size',
      file([
        pixels(of),
        ...Array.from({ length: 8 }, () => sum(of, Array(2000).fill(scale(0, 1)))),
        logits,
      ]),
    );
  });

  it('refuse weights that the file does not hold before they are allocated', async () => {
    const text = Buffer.from(
      file([pixels(flat(1)), sum(flat(2), [dense(0, { weights: [1, 2], filters: 2 })])]),
    );
    for (const [from, to] of [
      ['"size":[1,1]', '"size":[1024,1024]'],
      ['"filters":2', `"filters":${side}`],
      ['"bias":0', `"bias":${2 ** 27}`],
    ] as const) {
      const changed = text.toString('latin1').replace(from, to);
      await refusedAtOnce('network.format', new Uint8Array(Buffer.from(changed, 'latin1')));
    }
  });

  it('read as many nodes as there may be without quadratic work, and no more', async () => {
    const chain = (count: number): Node[] => [
      pixels(flat(2)),
      ...Array.from({ length: count - 1 }, (_, i) => sum(flat(2), [scale(i, 1, 1)])),
    ];
    const start = performance.now();
    expect(decodeNetwork(file(chain(limits.nodes))).nodes.length).to.equal(limits.nodes);
    expect(performance.now() - start).to.be.lessThan(3000);
    await coded('network.format', () => decodeNetwork(file(chain(limits.nodes + 1))));
  });

  it('refuse forms that may reach 2^52', async () => {
    const most = 2 ** 31 - 1;
    const two = [pixels(flat(1)), sum(flat(1), [scale(0, most)]), sum(flat(1), [scale(1, most)])];
    await coded('network.bounds', () => decodeNetwork(file([...two, logits])));
    // 255 · weight + bias = 2^52 − 1 is the last that passes.
    const edge = (bias: number): Uint8Array =>
      file([pixels(flat(1)), sum(flat(1), [scale(0, 1)], [bias]), logits]);
    decodeNetwork(edge(2 ** 52 - 256));
    await coded('network.bounds', () => decodeNetwork(edge(2 ** 52 - 255)));
    await coded('network.bounds', () => decodeNetwork(edge(-(2 ** 52))));
  });

  it('see through a change of shape which channel is large', async () => {
    const most = 2 ** 31 - 1;
    for (const [from, weights, to] of [
      [flat(4), [0, 0, most, 0], shape(2, 1, 2)],
      [shape(3, 1, 2), [0, most], shape(2, 1, 3)],
      [shape(2, 1, 3), [0, 0, most], shape(3, 1, 2)],
    ] as const) {
      const hidden: Node[] = [
        pixels(from),
        sum(from, [scale(0, ...weights)]),
        { kind: 'reshape', shape: to, input: 1 },
        sum(to, [scale(2, ...Array.from({ length: to.channels }, (_, c) => (c ? 0 : most)))]),
        logits,
      ];
      await coded('network.bounds', () => decodeNetwork(file(hidden)));
    }
  });

  it('refuse logits beyond 2^38, also where there are very many', async () => {
    const edge = (bias: number): Uint8Array =>
      file([pixels(flat(1)), sum(flat(2), [dense(0, { weights: [1, 0], filters: 2 })], [bias, 0])]);
    decodeNetwork(edge(2 ** 38 - 255));
    await coded('network.bounds', () => decodeNetwork(edge(2 ** 38 - 254)));
    await coded('network.bounds', () => decodeNetwork(edge(-(2 ** 38) - 1)));
    decodeNetwork(file([pixels(flat(1)), sum(flat(200_000), [])]));
  });

  it('count the output of a neuron as A bits', async () => {
    const nodes = tiny().nodes;
    const wide = (A: number): Uint8Array =>
      file(
        [...nodes.slice(0, 3), sum(flat(2), [dense(2, { weights: [2 ** 28, 0], filters: 2 })])],
        A,
      );
    decodeNetwork(wide(10));
    await coded('network.bounds', () => decodeNetwork(wide(11)));
  });
});
