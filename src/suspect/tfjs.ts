import { concatBytes, type Image, sameShape } from '../base/index.js';
import type { Suspect } from '../protocol/index.js';
import {
  checkModelFits,
  type LoadedModel,
  loadModelFolder,
  type LoadOptions,
} from '../training/loaded-model.js';
import { describePreprocessing } from '../training/preprocess.js';
import { answerOfScores, type Reading } from './answers.js';
import { answerInBatches, type BatchAnswer } from './batching.js';
import { describeSuspect } from './descriptor.js';

/**
 * A suspect that is a model folder of the TensorFlow.js layers format, run here. Throws what `loadModelFolder` and
 * `checkModelFits` throw; once it is open it refuses instead of throwing.
 */
export async function openTfjsSuspect(
  folder: string,
  {
    expected,
    onScore,
    ...options
  }: LoadOptions & { expected: Parameters<typeof checkModelFits>[1] } & Pick<Reading, 'onScore'>,
): Promise<Suspect> {
  const model = await loadModelFolder(folder, options);
  try {
    checkModelFits(model, expected);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return tfjsSuspect(model, { onScore });
}

/** A loaded model as a suspect, which owns it from now on. */
export function tfjsSuspect(
  model: LoadedModel,
  { onScore }: Pick<Reading, 'onScore'> = {},
): Suspect {
  const { shape } = model.spec;
  return {
    ...describeModel(model),
    classify: (images, signal) =>
      answerInBatches({
        images,
        signal,
        batchSize: 256,
        ask: async (batch) =>
          batch.every((image) => sameShape(image.shape, shape))
            ? ask(model, batch, onScore)
            : 'suspect.shape',
      }),
    close: () => {
      model.dispose();
      return Promise.resolve();
    },
  };
}

/** What a judge says of a model folder, in either mode. */
export function describeModel({
  spec,
  digest,
}: Pick<LoadedModel, 'spec' | 'digest'>): Pick<Suspect, 'descriptor' | 'settings'> {
  const { shape, classes, preprocessing } = spec;
  return describeSuspect({
    kind: 'tfjs',
    identity: digest,
    shape,
    classes,
    preprocessing: describePreprocessing(preprocessing),
    settings: {},
  });
}

async function ask(
  model: LoadedModel,
  batch: readonly Image[],
  onScore: Reading['onScore'],
): Promise<BatchAnswer> {
  const { classes } = model.spec;
  try {
    const pixels = concatBytes(...batch.map((image) => image.pixels));
    const logits = await model.predict(pixels, batch.length);
    if (logits.length !== batch.length * classes) return 'suspect.count';
    return batch.map((_, i) =>
      answerOfScores(Array.from(logits.subarray(i * classes, (i + 1) * classes)), {
        classes,
        onScore,
      }),
    );
  } catch {
    return 'suspect.failed';
  }
}
