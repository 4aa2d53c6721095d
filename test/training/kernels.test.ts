import '@tensorflow/tfjs-layers'; // registers the gradients

import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import { selectBackend } from '../../src/training/backend.js';
import { padding, randomNormal, sameResults, small } from './same-results.js';

const sameOnBoth = (compute: () => Tensor[]): Promise<void> => sameResults('wasm', compute);

describe('training/kernels', () => {
  before(async () => {
    await selectBackend('cpu');
    await selectBackend('wasm');
  });
  after(() => selectBackend('wasm'));

  it('gives the gradients of any convolution', async () => {
    const convolution = fc.record({
      batch: small,
      height: fc.integer({ min: 5, max: 13 }),
      width: fc.integer({ min: 5, max: 13 }),
      channels: small,
      filters: small,
      kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      strides: fc.tuple(small, small),
      pad: padding,
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(convolution, async (c) => {
        await sameOnBoth(() => {
          const x = randomNormal([c.batch, c.height, c.width, c.channels], c.seed);
          const w = randomNormal([...c.kernel, c.channels, c.filters], c.seed + 1);
          const f = (a: Tensor, b: Tensor): Tensor =>
            tf.conv2d(a as Tensor4D, b as Tensor4D, c.strides, c.pad);
          const y = f(x, w);
          return [y, ...tf.grads(f)([x, w], randomNormal(y.shape, c.seed + 2))];
        });
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('gives the filter gradient of a batch too large for one part', () =>
    sameOnBoth(() => {
      const x = randomNormal([21, 30, 30, 2], 1);
      const w = randomNormal([3, 3, 2, 32], 2);
      const f = (b: Tensor): Tensor => tf.conv2d(x as Tensor4D, b as Tensor4D, 1, 'same');
      return [tf.grad(f)(w, randomNormal([21, 30, 30, 32], 3))];
    }));

  it('pads like TensorFlow where the stride skips input', () =>
    sameOnBoth(() => {
      const x = randomNormal([2, 12, 12, 3], 1) as Tensor4D;
      const filter = randomNormal([2, 2, 3, 4], 2) as Tensor4D;
      const bias = randomNormal([4], 3);
      return [
        tf.conv2d(x, filter, 3, 'same'),
        tf.fused.conv2d({ x, filter, bias, strides: 3, pad: 'same', activation: 'relu' }),
        tf.depthwiseConv2d(x, filter, 3, 'same'),
        tf.fused.depthwiseConv2d({ x, filter, strides: 3, pad: 'same' }),
      ];
    }));

  it('gives the gradient of any max pooling, ties included', async () => {
    const pooling = fc.record({
      batch: small,
      height: fc.integer({ min: 4, max: 11 }),
      width: fc.integer({ min: 4, max: 11 }),
      channels: small,
      window: fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 4 })),
      strides: fc.tuple(small, small),
      pad: fc.constantFrom('same' as const, 'valid' as const),
      levels: fc.constantFrom(0.5, 2, 1000),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(pooling, async (c) => {
        await sameOnBoth(() => {
          const fine = randomNormal([c.batch, c.height, c.width, c.channels], c.seed);
          const x = tf.div(tf.round(tf.mul(fine, c.levels)), c.levels);
          const f = (a: Tensor): Tensor => tf.maxPool(a as Tensor4D, c.window, c.strides, c.pad);
          const y = f(x);
          return [y, tf.grad(f)(x, randomNormal(y.shape, c.seed + 1))];
        });
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('multiplies matrices with any transposes', async () => {
    const side = fc.integer({ min: 1, max: 9 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(small, side, side, side, fc.boolean(), fc.boolean()),
        async ([batch, m, k, n, ta, tb]) => {
          await sameOnBoth(() => {
            const a = randomNormal(ta ? [batch, k, m] : [batch, m, k], 1);
            const b = randomNormal(tb ? [batch, n, k] : [batch, k, n], 2);
            return [tf.matMul(a, b, ta, tb)];
          });
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('sums over every set of axes', async () => {
    for (const axes of [[0], [1], [2], [0, 1], [0, 2], [0, 1, 2], [0, 1, 2, 3], [3]]) {
      await sameOnBoth(() => [tf.sum(randomNormal([7, 12, 15, 5], 1), axes)]);
      await sameOnBoth(() => [tf.sum(randomNormal([7, 12, 15, 5], 1), axes, true)]);
    }
    await sameOnBoth(() => [tf.sum(randomNormal([3000, 5], 1), 0)]);
  });

  it('pads with a constant on any sides', async () => {
    const sides = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(sides, fc.constantFrom(0, 1.5), async (paddings, constant) => {
        await sameOnBoth(() => {
          const x = randomNormal([3, 2, 4, 3].slice(0, paddings.length), 1);
          return [tf.pad(x, paddings, constant)];
        });
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('slices, casts and clones without changing the original', async () => {
    await sameOnBoth(() => {
      const x = randomNormal([6, 5, 4], 1);
      const clone = tf.clone(x);
      const rows = tf.slice(x, [2, 0, 0], [3, 5, 4]);
      const block = tf.slice(x, [2, 1, 1], [3, 3, 2]);
      const same = tf.cast(x, 'float32');
      const whole = tf.cast(tf.cast(x, 'int32'), 'float32');
      x.dispose();
      return [clone, rows, block, same, whole];
    });
  });
});
