import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import { selectBackend } from '../../src/training/backend.js';
import type { OptimizerSpec } from '../../src/training/engine.js';
import { createOptimizer } from '../../src/training/optimizer.js';
import { adam } from './engines.js';

const start = [0.5, -1, 2];
const gradients = [
  [0.1, -0.2, 0.3],
  [0.4, 0, -0.1],
  [-0.3, 1e-6, 0.2],
];

/** The weights after all gradients, by the optimiser under test. */
function run(spec: OptimizerSpec, rate: number): number[] {
  const optimizer = createOptimizer(spec, start.length);
  let weights = tf.tensor1d(start);
  for (const values of gradients) {
    const gradient = tf.tensor1d(values);
    const next = optimizer.update(weights, gradient, rate);
    tf.dispose([weights, gradient]);
    weights = next;
  }
  const result = [...weights.dataSync()];
  weights.dispose();
  optimizer.dispose();
  return result;
}

function close(actual: number[], expected: number[]): void {
  expected.forEach((value, i) => {
    expect(actual[i]).to.be.closeTo(value, 1e-6);
  });
}

describe('training/optimizer', () => {
  before(() => selectBackend('wasm'));

  it('is Adam as its authors wrote it', () => {
    const [w, m, v] = [[...start], [0, 0, 0], [0, 0, 0]];
    gradients.forEach((gradient, step) => {
      gradient.forEach((g, i) => {
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        const [first, second] = [m[i] / (1 - 0.9 ** (step + 1)), v[i] / (1 - 0.999 ** (step + 1))];
        w[i]! -= (0.05 * first) / (Math.sqrt(second) + 1e-8);
      });
    });
    close(run(adam, 0.05), w);
  });

  it('is momentum with decay as in PyTorch', () => {
    const [w, velocity] = [[...start], [0, 0, 0]];
    for (const gradient of gradients) {
      gradient.forEach((g, i) => {
        velocity[i] = 0.9 * velocity[i]! + g + 0.01 * w[i]!;
        w[i]! -= 0.05 * velocity[i];
      });
    }
    close(run({ kind: 'sgd', momentum: 0.9, weightDecay: 0.01 }, 0.05), w);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    run(adam, 0.1);
    run({ kind: 'sgd', momentum: 0, weightDecay: 0 }, 0.1);
    expect(tf.memory().numTensors).to.equal(before);
  });
});
