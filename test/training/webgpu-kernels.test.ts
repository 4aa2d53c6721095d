import '@tensorflow/tfjs-layers'; // registers the gradients

import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import fc from 'fast-check';

import { selectBackend } from '../../src/training/backend.js';
import { planFilterGradient } from '../../src/training/kernels/webgpu/filter-gradient-program.js';
import { padding, randomNormal, sameResults, small } from './same-results.js';
import { needsVulkan, reason, webGpu } from './vulkan.js';

const sameOnBoth = (compute: () => Tensor[]): Promise<void> => sameResults('webgpu', compute);

/** Both gradients of a convolution, by their kernels alone: the forward pass is TensorFlow's, and slow in software. */
function gradients({
  x: [batch, height, width, channels],
  filter: [rows, columns, filters],
  strides,
  pad,
  seed = 1,
}: {
  x: [number, number, number, number];
  filter: [number, number, number];
  strides: number | [number, number];
  pad: Parameters<typeof tf.conv2d>[3];
  seed?: number;
}): Tensor[] {
  const inputShape = [batch, height, width, channels] as [number, number, number, number];
  const filterShape = [rows, columns, channels, filters] as [number, number, number, number];
  const { outShape } = tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad);
  const x = randomNormal(inputShape, seed);
  const filter = randomNormal(filterShape, seed + 1);
  const dy = randomNormal(outShape, seed + 2);
  const attrs = { strides, pad, dataFormat: 'NHWC', inputShape, filterShape };
  const run = (kernel: string, inputs: tf.NamedTensorMap): Tensor =>
    tf.engine().runKernel(kernel, inputs, attrs);
  return [run(tf.Conv2DBackpropFilter, { x, dy }), run(tf.Conv2DBackpropInput, { dy, filter })];
}

/** The programs that WebGPU runs meanwhile, by their keys. */
async function programsOf(run: () => Promise<unknown>): Promise<string[]> {
  const backend = webGpu();
  const original = backend.runWebGPUProgram.bind(backend);
  const keys: string[] = [];
  backend.runWebGPUProgram = (program, ...rest) => {
    keys.push(program.shaderKey);
    return original(program, ...rest);
  };
  await run();
  backend.runWebGPUProgram = original;
  return keys;
}

describe(`training/webgpu-kernels${reason}`, function () {
  this.timeout(120_000);
  this.slow(10_000);

  before(async function () {
    needsVulkan(this);
    await selectBackend('cpu');
    await selectBackend('webgpu');
  });
  after(() => selectBackend('wasm'));

  it('gives the gradients of any convolution', async () => {
    const channels = fc.constantFrom(1, 3, 4, 5, 8);
    const convolution = fc.record({
      x: fc.tuple(
        small,
        fc.integer({ min: 5, max: 11 }),
        fc.integer({ min: 5, max: 11 }),
        channels,
      ),
      filter: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), channels),
      strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      pad: padding,
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(convolution, (c) => sameOnBoth(() => gradients(c))),
      { numRuns: 16, seed: 1 },
    );
  });

  for (const [what, x, filter, strides, pad] of [
    ['a projection of stride 2', [4, 9, 9, 20], [1, 1, 36], 2, 'same'],
    ['a stem of stride 2', [2, 33, 31, 3], [7, 7, 24], 2, 'same'],
    ['more tiles than one along both sides', [2, 6, 6, 40], [3, 3, 72], 1, 'same'],
    ['many slices', [40, 14, 14, 4], [3, 3, 8], 1, 'same'],
    ['a filter as large as the image', [5, 6, 6, 12], [6, 6, 20], 1, 'valid'],
    ['a stride beyond the filter', [3, 13, 10, 4], [2, 1, 4], 3, 'valid'],
  ] as const) {
    it(`gives the gradients of ${what}`, () =>
      sameOnBoth(() => gradients({ x: [...x], filter: [...filter], strides, pad })));
  }

  it('uses our programs for both gradients', async () => {
    await tf.setBackend('webgpu');
    const keys = await programsOf(async () => {
      const results = tf.tidy(() =>
        gradients({ x: [2, 8, 8, 4], filter: [3, 3, 4], strides: 2, pad: 'same' }),
      );
      await Promise.all(results.map((t) => t.data()));
      tf.dispose(results);
    });
    expect(keys.filter((key) => key.startsWith('veilmarkFilterGradient'))).to.have.length(1);
    expect(keys.filter((key) => key.startsWith('veilmarkInputGradient'))).to.have.length(4);
    expect(keys.filter((key) => key.includes('conv2DDer'))).to.deep.equal([]);
  });

  it('refuses gradients of dilated convolutions, as TensorFlow does', async () => {
    await tf.setBackend('webgpu');
    const dilated = (x: Tensor): Tensor =>
      tf.conv2d(x as Tensor4D, tf.ones([2, 2, 1, 1]), 1, 'valid', 'NHWC', 2);
    expect(() => tf.tidy(() => tf.grad(dilated)(tf.ones([1, 5, 5, 1])))).to.throw(/dilation/i);
  });

  it('sums and averages over every set of axes', async () => {
    const shape = [7, 12, 15, 5];
    for (const axes of [
      [0],
      [1],
      [2],
      [0, 1],
      [0, 2],
      [1, 2],
      [0, 1, 2],
      [0, 1, 2, 3],
      [3],
      [1, 3],
    ]) {
      for (const keep of [false, true]) {
        await sameOnBoth(() => [
          tf.sum(randomNormal(shape, 1), axes, keep),
          tf.mean(randomNormal(shape, 2), axes, keep),
        ]);
      }
    }
    await sameOnBoth(() => [tf.sum(randomNormal([3000, 5], 1), 0), tf.sum(tf.ones([1, 4]), 0)]);
  });

  it('multiplies small matrices of a long inner dimension in one order', async () => {
    const product = (): Tensor =>
      tf.matMul(randomNormal([20, 3000], 1), randomNormal([3000, 30], 2));
    await sameOnBoth(() => [product()]);
    const keys = await programsOf(async () => {
      const results = tf.tidy(() => [
        product(),
        tf.conv2d(tf.ones<tf.Rank.R4>([1, 16, 16, 256]), tf.ones([3, 3, 256, 8]), 1, 'valid'),
      ]);
      await Promise.all(results.map((t) => t.data()));
      tf.dispose(results);
    });
    expect(keys.some((key) => key.startsWith('matMulSmallOutputSize'))).to.be.true;
    expect(keys.filter((key) => /splitK/i.test(key))).to.deep.equal([]);
  });
});

describe('training/webgpu-kernels: plan', () => {
  it('covers every position once, with bounded partial results', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 3e6 }), (elements, filters, positions) => {
        const { slices, slice } = planFilterGradient({ elements, filters, positions });
        expect(slices * slice).to.be.at.least(positions);
        expect((slices - 1) * slice).to.be.below(positions);
        if (slices > 1) expect(slices * elements * filters).to.be.at.most(2 ** 20);
      }),
    );
  });

  it('fills a processor where one thread a weight would not', () => {
    const { slices } = planFilterGradient({ elements: 9, filters: 16, positions: 128 * 28 * 28 });
    expect(slices).to.be.at.least(256);
  });
});
