import type { MixedBatch } from '../../training/index.js';
import { type Attack, type AttackEngine, numberOf } from '../attack.js';
import { fineTuningOptions, fineTuningRecipe } from './fine-tuning.js';

/** The model is tuned on images that are moved against it as it stands at that moment. */
export const adversarialTraining: Attack = {
  name: 'adversarial',
  title: 'Adversarial training',
  describe: 'Fine-tune on adversarial examples of the thief’s images (Madry et al. 2018)',
  options: {
    ...fineTuningOptions,
    epochs: { describe: 'Passes over the thief’s data', default: 10 },
    radius: { describe: 'Most that a byte of an image is moved', default: 8 },
    steps: { describe: 'Gradient steps for each image', default: 2 },
  },
  async *run({ stolen, train }, options) {
    const radius = numberOf(options, 'radius', { least: 1, most: 255, whole: true });
    const steps = numberOf(options, 'steps', { least: 1, whole: true });
    const recipe = fineTuningRecipe(options);
    const classifier = await train({
      label: 'adversarial',
      classifier: stolen,
      recipe,
      prepare: (batch, engine) => moveAgainst(engine, batch, { radius, steps }),
    });
    yield { label: `radius ${radius}, ${steps} steps, ${recipe.epochs} epochs`, classifier };
  },
};

/**
 * I-FGSM (Kurakin et al. 2017) in bytes: steps along the sign of the loss's gradient, within `radius` of the image and the range of a
 * byte. `towards` moves to lower loss: to the labels of the batch instead of away from them.
 */
export async function moveAgainst<Batch extends Pick<MixedBatch, 'pixels' | 'labels' | 'count'>>(
  engine: Pick<AttackEngine, 'pixelGradient'>,
  batch: Batch,
  { radius, steps, towards = false }: { radius: number; steps: number; towards?: boolean },
): Promise<Batch> {
  const stride = Math.max(1, Math.round((1.25 * radius) / steps)) * (towards ? -1 : 1);
  let pixels = batch.pixels;
  for (let step = 0; step < steps; step++) {
    const gradient = await engine.pixelGradient({ ...batch, pixels });
    const moved = new Uint8Array(pixels.length);
    for (let i = 0; i < moved.length; i++) {
      const origin = batch.pixels[i] ?? 0;
      const next = (pixels[i] ?? 0) + stride * Math.sign(gradient[i] ?? 0);
      const low = Math.max(0, origin - radius);
      const high = Math.min(255, origin + radius);
      moved[i] = Math.min(high, Math.max(low, next));
    }
    pixels = moved;
  }
  return { ...batch, pixels };
}
