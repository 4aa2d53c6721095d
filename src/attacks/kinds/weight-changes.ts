import type { NamedArray } from '../../training/index.js';
import { type Attack, numbersOf } from '../attack.js';
import { changed, type Classifier, isKernel } from '../classifier.js';
import { gaussians } from './draws.js';
import { fineTuningOptions, fineTuningRecipe } from './fine-tuning.js';

/** Uniform weights of few bits, one scale an array. */
export const quantisation: Attack = {
  name: 'quantise',
  title: 'Quantise weights',
  describe: 'Round weights to 8 down to 3 bits, one scale an array (Hubara et al. 2017)',
  axis: 'bits',
  options: { bits: { describe: 'Bits of a weight', default: '8,7,6,5,4,3' } },
  *run({ stolen }, options) {
    for (const bits of numbersOf(options, 'bits', { least: 2, most: 16, whole: true })) {
      yield { label: `${bits} bits`, value: bits, classifier: quantiseWeights(stolen, bits) };
    }
  },
};

/** Symmetric rounding of each kernel to 2^bits − 1 levels. */
export function quantiseWeights(classifier: Classifier, bits: number): Classifier {
  const levels = 2 ** (bits - 1) - 1;
  return changed(classifier, (weight) => {
    if (!isKernel(weight)) return undefined;
    const largest = weight.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest === 0) return undefined;
    return weight.data.map((value) => (Math.round((value / largest) * levels) / levels) * largest);
  });
}

/** Noise of a part of each kernel's own spread. */
export const weightNoise: Attack = {
  name: 'noise',
  title: 'Add noise to weights',
  describe: 'Gaussian noise, in parts of each kernel’s standard deviation',
  axis: 'noise',
  options: {
    levels: {
      describe: 'Standard deviations of the noise, in those of the kernel',
      default: '0.05,0.1,0.2,0.3,0.5,0.75,1',
    },
  },
  *run({ stolen, stream }, options) {
    for (const level of numbersOf(options, 'levels')) {
      const gaussian = gaussians(stream(`level ${level}`));
      const classifier = changed(stolen, (weight) => {
        if (!isKernel(weight)) return undefined;
        const spread = level * deviation(weight.data);
        return weight.data.map((value) => value + spread * gaussian());
      });
      yield { label: `noise ${level}`, value: level, classifier };
    }
  },
};

/** Every filter moves towards or past the mean filter of its layer, then the model is tuned. */
export const weightShifting: Attack = {
  name: 'shift',
  title: 'Shift weights',
  describe:
    'Move every filter by a multiple of its layer’s mean filter, then fine-tune (Lukas et al. 2022)',
  axis: 'shift',
  options: {
    ...fineTuningOptions,
    levels: { describe: 'Multiples of the mean filter that are taken away', default: '0.5,1,1.5' },
    epochs: { describe: 'Epochs of fine-tuning after each shift', default: 5 },
  },
  async *run({ stolen, train }, options) {
    for (const level of numbersOf(options, 'levels')) {
      const shifted = changed(stolen, (weight) =>
        isKernel(weight) ? shift(weight, level) : undefined,
      );
      const label = `shift ${level}`;
      const classifier = await train({
        label,
        classifier: shifted,
        recipe: fineTuningRecipe(options),
      });
      yield { label, value: level, classifier };
    }
  },
};

/** w − level · (mean over the output channels, the last axis). */
function shift({ shape, data }: NamedArray, level: number): Float32Array {
  const width = shape.at(-1) ?? 1;
  return data.map((value, i) => {
    const row = i - (i % width);
    let sum = 0;
    for (let c = 0; c < width; c++) sum += data[row + c] ?? 0;
    return value - (level * sum) / width;
  });
}

function deviation(data: Float32Array): number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
}
