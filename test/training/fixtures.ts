import type { Shape } from '../../src/base/index.js';
import { type Commitment, createCommitment, HiddenTriggers } from '../../src/commitment/index.js';
import { keyPairFrom, SeededStream } from '../../src/crypto/index.js';
import type { Dataset } from '../../src/training/dataset.js';
import type { Engine, EngineState, ModelSpec } from '../../src/training/engine.js';
import { argmax } from '../../src/training/evaluate.js';
import type { TrainOptions } from '../../src/training/options.js';

export const shape: Shape = { height: 6, width: 6, channels: 1 };
const size = 36;
export const classNames = ['left', 'right', 'up', 'down'];

export const spec: ModelSpec = {
  architecture: 'mlp',
  shape,
  classes: 4,
  preprocessing: { mean: [0.5], std: [0.5] },
};

export const options: TrainOptions = {
  spec,
  optimizer: { kind: 'adam' },
  schedule: { kind: 'warmup', peak: 0.01, fraction: 0.2 },
  epochs: 3,
  batchSize: 10,
  triggersPerBatch: 2,
  seed: 'a',
};

/** Noise with a bright half on the side that the class names. */
export function dataset(count: number, seed: string): Dataset {
  const noise = new SeededStream('test/dataset', [seed]).bytes(count * size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
  const pixels = noise.map((byte, at) => {
    const row = Math.floor((at % size) / 6);
    const bright = [at % 6 < 3, at % 6 >= 3, row < 3, row >= 3];
    return (byte >> 1) + (bright[labels[Math.floor(at / size)]!] ? 127 : 0);
  });
  return { shape, classNames, pixels, labels };
}

let made: { commitment: Commitment; triggers: HiddenTriggers } | undefined;

/** Eight hidden triggers of noise, committed to for the test. */
export function hiddenTriggers(): HiddenTriggers {
  return claim().triggers;
}

/** The same with their commitment, in two batches of four. */
export function claim(): { commitment: Commitment; triggers: HiddenTriggers } {
  if (made !== undefined) return made;
  const stream = new SeededStream('test/triggers', []);
  const { mark, commitment } = createCommitment({
    parameters: {
      labelMode: 'derived',
      natural: 'none',
      shape,
      classNames,
      hidden: 8,
      audited: 2,
      batchSize: 4,
      origin: 'test',
    },
    source: {
      secret: new Uint8Array(32).fill(7),
      origin: 'test',
      images: Array.from({ length: 10 }, () => ({ shape, pixels: stream.bytes(size) })),
      natural: Array<number>(10).fill(4),
    },
    owner: keyPairFrom(new Uint8Array(32).fill(1)),
  });
  return (made = { commitment, triggers: HiddenTriggers.of(mark, commitment) });
}

/** Softmax regression in plain JavaScript, with momentum as its optimiser's state: quick, and TensorFlow stays out. */
export function regression({ lossAt }: { lossAt?: (step: number) => number } = {}): Engine {
  const weights = new Float32Array(4 * size);
  const momentum = new Float32Array(4 * size);
  let steps = 0;
  const logitsOf = (pixels: Uint8Array, count: number): Float32Array =>
    Float32Array.from({ length: count * 4 }, (_, at) => {
      const [image, k] = [Math.floor(at / 4), at % 4];
      let sum = 0;
      for (let p = 0; p < size; p++) {
        sum += weights[k * size + p]! * (pixels[image * size + p]! / 255);
      }
      return sum;
    });
  return {
    description: 'plain regression',
    step: ({ pixels, labels, count }, rate) => {
      const logits = logitsOf(pixels, count);
      const gradient = new Float32Array(weights.length);
      let loss = 0;
      for (let i = 0; i < count; i++) {
        const row = [...logits.subarray(4 * i, 4 * i + 4)].map(Math.exp);
        const total = row.reduce((a, b) => a + b);
        loss -= Math.log(row[labels[i]!]! / total) / count;
        row.forEach((value, k) => {
          const error = value / total - (k === labels[i] ? 1 : 0);
          for (let p = 0; p < size; p++) {
            gradient[k * size + p]! += (error * (pixels[i * size + p]! / 255)) / count;
          }
        });
      }
      weights.forEach((_, w) => {
        momentum[w] = 0.5 * momentum[w]! + gradient[w]!;
        weights[w]! -= 30 * rate * momentum[w];
      });
      const correct = Uint8Array.from(labels, (y, i) => +(argmax(logits, 4 * i, 4) === y));
      return Promise.resolve({ loss: lossAt?.(++steps) ?? loss, correct });
    },
    predict: (pixels, count) => Promise.resolve(logitsOf(pixels, count)),
    state: () =>
      Promise.resolve({
        weights: [{ name: 'w', shape: [4, size], data: weights.slice() }],
        optimizer: [{ name: 'm', shape: [4, size], data: momentum.slice() }],
      }),
    restore: (state: EngineState) => {
      weights.set(state.weights[0]!.data);
      momentum.set(state.optimizer[0]!.data);
      return Promise.resolve();
    },
    pixelGradient: () => Promise.reject(new Error('not of this engine')),
    load: (base) => {
      weights.set(base[0]!.data);
      momentum.fill(0);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
