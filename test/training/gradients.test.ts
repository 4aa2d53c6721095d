import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import { selectBackend } from '../../src/training/backend.js';
import { registerGradients } from '../../src/training/gradients.js';

describe('training/gradients', () => {
  before(registerGradients);
  after(() => selectBackend('wasm'));

  for (const backend of ['cpu', 'wasm'] as const) {
    for (const length of [8, 7]) {
      it(`lets gradients through where ReLU does, ${length} numbers on ${backend}`, async () => {
        await selectBackend(backend);
        const before = [tf.memory().numTensors, tf.backend().numDataIds()];
        const values = [-1, 2, 0, -0, 1e-30, -1e-30, Infinity, 3].slice(0, length);
        const gradient = tf.tidy(() => {
          const byX = tf.grad((x: Tensor) => tf.relu(x));
          const dy = values.map((_, i) => 0.5 - i);
          return Array.from(byX(tf.tensor1d(values), tf.tensor1d(dy)).dataSync());
        });
        const expected = values.map((value, i) => (value > 0 ? 0.5 - i : 0));
        expect(gradient.map((value) => value + 0)).to.deep.equal(expected);
        expect([tf.memory().numTensors, tf.backend().numDataIds()]).to.deep.equal(before);
      });
    }
  }

  it('keeps what is no number', async () => {
    for (const backend of ['cpu', 'wasm'] as const) {
      await selectBackend(backend);
      const [gradient] = tf.tidy(() => {
        const byX = tf.grad((x: Tensor) => tf.mul(tf.relu(x), x));
        return byX(tf.tensor1d([NaN, 1, 2, 3])).dataSync();
      });
      expect(gradient).to.be.NaN;
    }
  });
});
