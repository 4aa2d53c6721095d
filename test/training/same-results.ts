import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import fc from 'fast-check';

export const randomNormal = (shape: number[], seed: number): Tensor =>
  tf.randomNormal(shape, 0, 1, 'float32', seed);

/** Runs the same operations on the reference backend and on another: same shapes, close values, nothing left behind. */
export async function sameResults(
  other: 'wasm' | 'webgpu',
  compute: () => Tensor[],
): Promise<void> {
  const results: { shape: number[]; data: Float32Array }[][] = [];
  for (const backend of ['cpu', other]) {
    await tf.setBackend(backend);
    const before = tf.memory();
    const tensors = tf.tidy(compute);
    results.push(
      await Promise.all(
        tensors.map(async (t) => ({ shape: t.shape, data: await t.data<'float32'>() })),
      ),
    );
    tf.dispose(tensors);
    const after = tf.memory();
    expect(after.numTensors, `tensors left on ${backend}`).to.equal(before.numTensors);
    expect(after.numDataBuffers, `buffers left on ${backend}`).to.equal(before.numDataBuffers);
  }
  const [cpu, actuals] = results;
  cpu!.forEach((expected, i) => {
    const actual = actuals![i]!;
    expect(actual.shape).to.deep.equal(expected.shape);
    const scale = expected.data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1e-3);
    expected.data.forEach((x, at) => {
      expect(actual.data[at]).to.be.closeTo(x, 2e-5 * scale, `element ${at} of result ${i}`);
    });
  });
}

type Explicit = [[number, number], [number, number], [number, number], [number, number]];

export const small = fc.integer({ min: 1, max: 4 });

export const padding = fc.oneof(
  fc.constantFrom('same' as const, 'valid' as const),
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))
    .map(([top, bottom, left, right]): Explicit => [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]),
);
