import '@tensorflow/tfjs-layers'; // registers the gradients

import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import fc from 'fast-check';

import { selectBackend } from '../../../src/training/backend.js';
import { padding, randomNormal, small } from '../same-results.js';

/** The largest error, in units of the largest sum of the absolute values of the products that a result is a sum of. */
const bound = 2 ** -19;

interface Convolution {
  readonly x: [number, number, number, number];
  readonly w: [number, number, number, number];
  readonly strides: [number, number];
  readonly pad: Parameters<typeof tf.conv2d>[3];
  readonly seed: number;
}

/** The convolution, one with bias and ReLU, and the gradients by image and filter. */
function results(
  c: Convolution,
  change: (values: Tensor) => Tensor = (values) => values,
): Tensor[] {
  const x = change(randomNormal(c.x, c.seed)) as Tensor4D;
  const w = change(randomNormal(c.w, c.seed + 1)) as Tensor4D;
  const bias = change(randomNormal(c.w.slice(3), c.seed + 2));
  const { strides, pad } = c;
  const convolve = (a: Tensor, b: Tensor): Tensor =>
    tf.conv2d(a as Tensor4D, b as Tensor4D, strides, pad);
  const y = convolve(x, w);
  const dy = change(randomNormal(y.shape, c.seed + 3));
  const fused = tf.fused.conv2d({ x, filter: w, bias, strides, pad, activation: 'relu' });
  return [y, fused, ...tf.grads(convolve)([x, w], dy)];
}

const read = (tensors: readonly Tensor[]): Float32Array[] =>
  tensors.map((tensor) => tensor.dataSync<'float32'>());

/** Compares the wasm backend's results with those of the plain cpu backend, which adds up in double precision. */
async function compare(convolution: Convolution): Promise<void> {
  await tf.setBackend('cpu');
  const expected = tf.tidy(() => read(results(convolution)));
  const scales = tf.tidy(() => read(results(convolution, tf.abs)).map(largest));
  await tf.setBackend('wasm');
  const before = held();
  const found = tf.tidy(() => read(results(convolution)));
  expect(held(), 'tensors left').to.deep.equal(before);
  const names = ['convolution', 'with bias and ReLU', 'gradient by image', 'gradient by filter'];
  names.forEach((name, i) => {
    const [want, got] = [expected[i]!, found[i]!];
    expect(got.length, name).to.equal(want.length);
    const error = largest(want.map((value, at) => value - got[at]!));
    expect(error, name).to.be.at.most(bound * scales[i]!);
  });
}

/** The largest absolute value; NaN if there is one. */
function largest(values: Float32Array): number {
  return values.reduce((most, value) => (Math.abs(value) <= most ? most : Math.abs(value)), 0);
}

/** What TensorFlow and the wasm backend keep. */
function held(): number[] {
  return [tf.memory().numTensors, tf.backend().numDataIds()];
}

const fours = small.map((count) => 4 * count);
const side = fc.integer({ min: 3, max: 14 });
const seed = fc.integer({ min: 1, max: 1e6 });

describe('training/kernels/wasm/assembled-convolution', () => {
  before(async () => {
    await selectBackend('cpu');
    await selectBackend('wasm');
  });
  after(() => selectBackend('wasm'));

  it('gives convolutions of 3 × 3 taps and their gradients, of any sides and padding', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(small, side, side, fours),
        fours,
        padding,
        seed,
        async (x, filters, pad, seed) => {
          await compare({ x, w: [3, 3, x[3], filters], strides: [1, 1], pad, seed });
        },
      ),
      { numRuns: 60, seed: 1 },
    ));

  it('gives filter gradients of any taps, strides and number of channels', () => {
    const taps = fc.integer({ min: 1, max: 5 });
    return fc.assert(
      fc.asyncProperty(
        fc.tuple(small, side, side, fc.integer({ min: 1, max: 7 })),
        fc.tuple(taps, taps, fours),
        fc.tuple(small, small),
        seed,
        async (x, [rows, columns, filters], strides, seed) => {
          await compare({ x, w: [rows, columns, x[3], filters], strides, pad: 'same', seed });
        },
      ),
      { numRuns: 60, seed: 2 },
    );
  });

  it('leaves numbers of channels that are no multiples of 4 to other kernels', async () => {
    for (const [channels, filters] of [
      [3, 8],
      [8, 6],
      [5, 7],
    ] as const) {
      const w: Convolution['w'] = [3, 3, channels, filters];
      await compare({ x: [2, 9, 9, channels], w, strides: [1, 1], pad: 'same', seed: 1 });
    }
  });

  it('handles more tiles than fit into one block', () =>
    compare({ x: [5, 15, 14, 32], w: [3, 3, 32, 20], strides: [1, 1], pad: 'same', seed: 4 }));

  it('neither keeps memory nor depends on what it finds there', () => {
    const c = { strides: [1, 1], pad: 'same', seed: 1 } as const;
    const run = (): Float32Array[] =>
      tf.tidy(() =>
        read(results({ ...c, x: [4, 15, 15, 12], w: [3, 3, 12, 20], strides: [1, 1] })),
      );
    /** Leaves other values where the next results and their intermediate ones will be. */
    const spoil = (): void => {
      tf.dispose(Array.from({ length: 200 }, () => tf.fill([20_000], NaN)));
    };
    spoil();
    const first = run();
    expect(first.every((values) => values.every(Number.isFinite))).to.equal(true);
    const backend: unknown = tf.backend();
    const { memory } = (backend as { wasm: { asm: { memory: { buffer: ArrayBuffer } } } }).wasm.asm;
    const before = [...held(), memory.buffer.byteLength];
    for (let i = 0; i < 10; i++) {
      spoil();
      expect(run()).to.deep.equal(first);
    }
    expect([...held(), memory.buffer.byteLength]).to.deep.equal(before);
  });
});
