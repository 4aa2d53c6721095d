import { sizeOf } from '../../base/index.js';
import type { Dataset } from '../../training/index.js';
import {
  type Attack,
  type AttackContext,
  type AttackEngine,
  type AttackOptions,
  numberOf,
} from '../attack.js';
import { fineTuningOptions, fineTuningRecipe } from './fine-tuning.js';

/** A patch that sends images to a class: x′ = (1 − mask)·x + mask·pattern, the mask one number a pixel. */
interface Patch {
  readonly target: number;
  readonly mask: Float32Array;
  readonly pattern: Float32Array;
  /** Sum of the mask: the smaller, the more of a backdoor. */
  readonly size: number;
}

/**
 * Looks for the smallest patch that sends every image to a class, for each class; classes whose patch is far smaller than the
 * others' count as backdoored (all, if none stands out, so that the attack is not let off), and the model is tuned on patched images
 * under their own labels.
 */
export const neuralCleanse: Attack = {
  name: 'neural-cleanse',
  title: 'Neural Cleanse',
  describe: 'Reverse-engineer patches class by class and unlearn them (Wang et al. 2019)',
  options: {
    ...fineTuningOptions,
    epochs: { describe: 'Epochs of unlearning', default: 5 },
    patched: { describe: 'Part of each batch that gets a patch', default: 0.2 },
    steps: { describe: 'Gradient steps for the patch of a class', default: 200 },
    images: { describe: 'Images a step', default: 50 },
    weight: { describe: 'Of the mask’s size against the loss', default: 0.01 },
  },
  async *run(context, options) {
    const { stolen, task, train, note, progress, using, stream } = context;
    const { classes } = stolen.spec;
    const part = numberOf(options, 'patched', { least: 0, most: 1 });
    const patches = await using(stolen, async (engine) => {
      const found: Patch[] = [];
      for (let target = 0; target < classes; target++) {
        progress(target, classes, 'looking for patches');
        found.push(await findPatch({ context, engine, target, options }));
      }
      return found;
    });
    const suspicious = outliers(patches.map(({ size }) => size));
    note(
      suspicious.length > 0
        ? `patches far smaller than others: classes ${suspicious.join(', ')}`
        : 'no class stands out by the size of its patch; all patches are unlearnt',
    );
    const used = suspicious.length > 0 ? patches.filter((_, k) => suspicious.includes(k)) : patches;
    const recipe = fineTuningRecipe(options);
    const classifier = await train({
      label: 'unlearn',
      classifier: stolen,
      recipe,
      prepare: (batch) => {
        const size = sizeOf(task.shape);
        const draws = stream(`unlearn ${batch.noise ?? 0}`);
        const pixels = batch.pixels.slice();
        for (let i = 0; i < Math.round(part * batch.taskCount); i++) {
          const patch = used[draws.below(used.length)];
          if (patch)
            pixels.set(patched(pixels.subarray(i * size, (i + 1) * size), patch), i * size);
        }
        return Promise.resolve({ ...batch, pixels });
      },
    });
    yield { label: `${used.length} patches, ${recipe.epochs} epochs`, classifier };
  },
};

/** Gradient descent (Adam) on mask and pattern through a sigmoid; the gradient by the image is asked at the rounded one. */
async function findPatch({
  context: { task, stream },
  engine,
  target,
  options,
}: {
  context: AttackContext;
  engine: AttackEngine;
  target: number;
  options: AttackOptions;
}): Promise<Patch> {
  const size = sizeOf(task.shape);
  const { channels } = task.shape;
  const draws = stream(`patch ${target}`);
  const count = Math.min(
    numberOf(options, 'images', { least: 1, whole: true }),
    task.labels.length,
  );
  const weight = numberOf(options, 'weight');
  const mask = new Logits(size / channels, -2);
  const pattern = new Logits(size, 0);
  for (let step = 1; step <= numberOf(options, 'steps'); step++) {
    const images = some(task, count, draws);
    const patch = patchOf(target, mask, pattern);
    const pixels = new Uint8Array(images.length);
    for (let i = 0; i < count; i++) {
      pixels.set(patched(images.subarray(i * size, (i + 1) * size), patch), i * size);
    }
    const labels = new Int32Array(count).fill(target);
    const gradient = await engine.pixelGradient({ pixels, labels, count });
    const [byMask, byPattern] = [new Float32Array(size / channels), new Float32Array(size)];
    for (let i = 0; i < count * size; i++) {
      const place = i % size;
      const pixel = Math.floor(place / channels);
      const g = (gradient[i] ?? 0) / count;
      const difference = (patch.pattern[place] ?? 0) - (images[i] ?? 0);
      byMask[pixel] = (byMask[pixel] ?? 0) + g * difference;
      byPattern[place] = (byPattern[place] ?? 0) + g * 255 * (patch.mask[pixel] ?? 0);
    }
    mask.descend(
      byMask.map((g) => g + weight),
      step,
    );
    pattern.descend(byPattern, step);
  }
  return patchOf(target, mask, pattern);
}

function patchOf(target: number, mask: Logits, pattern: Logits): Patch {
  const opacity = mask.values();
  const colours = pattern.values().map((value) => value * 255);
  const size = opacity.reduce((sum, value) => sum + value, 0);
  return { target, mask: opacity, pattern: colours, size };
}

/** An image of bytes under a patch. */
function patched(image: Uint8Array, { mask, pattern }: Patch): Uint8Array {
  const channels = pattern.length / mask.length;
  return image.map((byte, i) => {
    const m = mask[Math.floor(i / channels)] ?? 0;
    return Math.round((1 - m) * byte + m * (pattern[i] ?? 0));
  });
}

/** Numbers in (0, 1) behind a sigmoid, moved by Adam (Kingma and Ba 2015). */
class Logits {
  readonly #logits: Float32Array;
  readonly #first: Float32Array;
  readonly #second: Float32Array;

  constructor(length: number, start: number) {
    this.#logits = new Float32Array(length).fill(start);
    this.#first = new Float32Array(length);
    this.#second = new Float32Array(length);
  }

  values(): Float32Array {
    return this.#logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  }

  /** One step against the gradient by the values. */
  descend(gradient: Float32Array, step: number): void {
    const [rate, beta1, beta2] = [0.1, 0.9, 0.999];
    this.values().forEach((value, i) => {
      const g = (gradient[i] ?? 0) * value * (1 - value);
      const m = beta1 * (this.#first[i] ?? 0) + (1 - beta1) * g;
      const v = beta2 * (this.#second[i] ?? 0) + (1 - beta2) * g * g;
      this.#first[i] = m;
      this.#second[i] = v;
      const change = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + 1e-8);
      this.#logits[i] = (this.#logits[i] ?? 0) - rate * change;
    });
  }
}

/** The anomaly index of the paper, section 4.3: places whose value is below the median by more than twice 1.4826 · MAD. */
export function outliers(values: readonly number[]): number[] {
  const middle = median(values);
  const spread = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  return [...values.keys()].filter((k) => (middle - (values[k] ?? 0)) / spread > 2);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[half] ?? 0)
    : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

function some(task: Dataset, count: number, draws: { below(bound: number): number }): Uint8Array {
  const size = sizeOf(task.shape);
  const pixels = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    const index = draws.below(task.labels.length);
    pixels.set(task.pixels.subarray(index * size, (index + 1) * size), i * size);
  }
  return pixels;
}
