import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import fc from 'fast-check';

import { selectBackend } from '../../../src/training/backend.js';
import { channelKernels } from '../../../src/training/kernels/wasm/channels.js';

interface Sizes {
  readonly pixels: number;
  readonly channels: number;
  readonly seed: number;
  /** Of the values, whose standard deviation is 1. */
  readonly mean: number;
}

const sizes: fc.Arbitrary<Sizes> = fc.record({
  pixels: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 500, max: 1200 })),
  channels: fc.integer({ min: 1, max: 8 }).map((count) => 4 * count),
  seed: fc.integer({ min: 1, max: 1e6 }),
  mean: fc.constantFrom(0, -3, 1000),
});

function values({ pixels, channels, seed, mean }: Sizes): Tensor {
  return tf.randomNormal([pixels, 1, channels], mean, 1, 'float32', seed);
}

function run(kernel: string, inputs: NamedTensorMap, attrs: object = {}): Float32Array {
  return tf.tidy(() =>
    tf
      .engine()
      .runKernel<Tensor>(kernel, inputs, attrs as NamedAttrMap)
      .dataSync<'float32'>(),
  );
}

/** The sum of `of` over the pixels of each channel, in double precision. */
function sums({ pixels, channels }: Sizes, of: (i: number, channel: number) => number): number[] {
  return Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let pixel = 0; pixel < pixels; pixel++) sum += of(pixel * channels + c, c);
    return sum;
  });
}

/** Errors of at most 2^-20 times what is about the largest number that was added up on the way. */
function expectClose(found: ArrayLike<number>, expected: readonly number[], scale: number): void {
  expect(found.length).to.equal(expected.length);
  const bound = 2 ** -20 * scale;
  const wrong = expected.findIndex((value, i) => !(Math.abs(value - found[i]!) <= bound));
  if (wrong >= 0) expect(found[wrong], `element ${wrong}`).to.be.closeTo(expected[wrong]!, bound);
}

function check(property: (sizes: Sizes) => void): void {
  const before = [tf.memory().numTensors, tf.backend().numDataIds()];
  const tidy = (sizes: Sizes): void => {
    tf.tidy(() => {
      property(sizes);
    });
  };
  fc.assert(fc.property(sizes, tidy), { numRuns: 60, seed: 1 });
  expect([tf.memory().numTensors, tf.backend().numDataIds()]).to.deep.equal(before);
}

const vector = (length: number, seed: number): Float32Array =>
  tf.randomNormal([length], 0, 1, 'float32', seed).dataSync<'float32'>();

describe('training/kernels/wasm/channels', () => {
  before(() => selectBackend('wasm'));

  it('gives means and sums of squared deviations, however far from zero', () => {
    check((sizes) => {
      const x = values(sizes);
      const data = x.dataSync<'float32'>();
      const found = run(channelKernels.moments, { x });
      const means = sums(sizes, (i) => data[i]! / sizes.pixels);
      const squares = sums(sizes, (i, c) => (data[i]! - means[c]!) ** 2);
      const magnitude = Math.abs(sizes.mean) + 4;
      expectClose(found.subarray(0, sizes.channels), means, magnitude);
      // The means of the pieces are rounded; the textbook's mean of squares would lose the square of the magnitude.
      const scale = sizes.pixels * (4 + magnitude / 32);
      expectClose(found.subarray(sizes.channels), squares, scale);
    });
  });

  it('scales and shifts each channel', () => {
    check((sizes) => {
      const x = values(sizes);
      const data = x.dataSync<'float32'>();
      const factors = vector(sizes.channels, sizes.seed + 1);
      const addends = vector(sizes.channels, sizes.seed + 2);
      const found = run(channelKernels.scale, { x }, { factors, addends });
      const expected = Array.from(data, (value, i) => {
        const c = i % sizes.channels;
        return value * factors[c]! + addends[c]!;
      });
      expectClose(found, expected, 4 * (Math.abs(sizes.mean) + 4));
    });
  });

  it('sums gradients, and their products with deviations', () => {
    check((sizes) => {
      const x = values(sizes);
      const dy = values({ ...sizes, mean: 0, seed: sizes.seed + 1 });
      const [from, gradient] = [x.dataSync<'float32'>(), dy.dataSync<'float32'>()];
      const means = new Float32Array(sizes.channels).fill(sizes.mean);
      const found = run(channelKernels.gradientSums, { dy, x }, { means });
      const expected = [
        ...sums(sizes, (i) => gradient[i]!),
        ...sums(sizes, (i) => gradient[i]! * (from[i]! - sizes.mean)),
      ];
      expectClose(found, expected, 4 * sizes.pixels);
    });
  });

  it('combines gradients and values of each channel', () => {
    check((sizes) => {
      const x = values(sizes);
      const dy = values({ ...sizes, seed: sizes.seed + 1 });
      const [from, gradient] = [x.dataSync<'float32'>(), dy.dataSync<'float32'>()];
      const [gradientFactors, factors, addends] = [1, 2, 3].map((salt) =>
        vector(sizes.channels, sizes.seed + salt),
      ) as [Float32Array, Float32Array, Float32Array];
      const attrs = { gradientFactors, factors, addends };
      const expected = Array.from(from, (value, i) => {
        const c = i % sizes.channels;
        return gradient[i]! * gradientFactors[c]! + value * factors[c]! + addends[c]!;
      });
      const found = run(channelKernels.combine, { dy, x }, attrs);
      expectClose(found, expected, 8 * (Math.abs(sizes.mean) + 4));
    });
  });
});
