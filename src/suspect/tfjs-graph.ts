import type { io as coreIo, Tensor } from '@tensorflow/tfjs-core';
import type { GraphModel } from '@tensorflow/tfjs-converter';

import {
  concatBytes,
  formatShape,
  type Image,
  InputError,
  sameShape,
  type Shape,
} from '../base/index.js';
import type { Suspect } from '../protocol/index.js';
import { guardBackend } from '../training/backend-errors.js';
import { selectBackend } from '../training/backend.js';
import type { LoadOptions } from '../training/loaded-model.js';
import { type ModelFiles, readModelFiles } from '../training/model-files.js';
import { describePreprocessing, preprocessor } from '../training/preprocess.js';
import { answerOfLabel, answerOfScores, type Reading } from './answers.js';
import { answerInBatches, type BatchAnswer } from './batching.js';
import { describeSuspect } from './descriptor.js';
import { harmlessImage } from './first-question.js';

export interface GraphOptions extends LoadOptions, Pick<Reading, 'onScore'> {
  readonly shape: Shape;
  readonly classes: number;
  /** Name of the output to read, where there are several. */
  readonly output?: string | undefined;
}

/** Images in one run; bounds memory. */
const batchSize = 256;

/**
 * A suspect that is a graph model of TensorFlow.js (`"format": "graph-model"`, from TensorFlow's converter), run here, after a
 * first run on a harmless image. Rows, columns and channels are its input; graphs with loops are not run.
 *
 * Throws what `readModelFiles` and `selectBackend` throw, and `InputError` `model.load`, `model.shape`, `model.classes`. Later
 * it refuses instead.
 */
export async function openTfjsGraphSuspect(
  folder: string,
  options: GraphOptions,
): Promise<Suspect> {
  const { shape, classes, backend: choice = 'auto', preprocessing = plain(shape) } = options;
  const files = await readModelFiles(folder);
  const computing = await selectBackend(choice);
  const guard = guardBackend(computing, computing.watch);
  const model = await graphModel(folder, files);
  try {
    const input = inputOf(folder, model, shape);
    const output = outputOf(folder, model, options);
    const toNumbers = preprocessor({ shape, preprocessing });
    const tf = await import('@tensorflow/tfjs-core');
    const run = (batch: readonly Image[]): Promise<ArrayLike<number>> =>
      guard.run(async () => {
        const pixels = concatBytes(...batch.map((image) => image.pixels));
        const values = input.asBytes ? Int32Array.from(pixels) : toNumbers(pixels, batch.length);
        const result = tf.tidy(() => {
          const sides = [batch.length, shape.height, shape.width, shape.channels];
          const tensor = tf.tensor(values, sides, input.asBytes ? 'int32' : 'float32');
          return model.execute({ [input.name]: tensor }, output) as Tensor;
        });
        try {
          return await result.data();
        } finally {
          result.dispose();
        }
      });
    const perImage = await tryRun(folder, () => run([harmlessImage(shape)]));
    if (perImage !== 1 && perImage !== classes) {
      throw new InputError({
        code: 'model.classes',
        message: `the model in ${folder} gives ${perImage} values an image, the commitment has ${classes} classes`,
        hint: 'name a model, data and a claim of one task, or another output',
      });
    }
    const ask = async (batch: readonly Image[]): Promise<BatchAnswer> => {
      if (!batch.every((image) => sameShape(image.shape, shape))) return 'suspect.shape';
      const values = await run(batch).catch(() => undefined);
      if (values === undefined) return 'suspect.failed';
      if (values.length !== batch.length * perImage) return 'suspect.count';
      return batch.map((_, i) => {
        const part = Array.from({ length: perImage }, (_k, k) => values[i * perImage + k]);
        return perImage === 1 ? answerOfLabel(part[0], options) : answerOfScores(part, options);
      });
    };
    return {
      ...describeSuspect({
        kind: 'tfjs-graph',
        identity: files.digest,
        shape,
        classes,
        preprocessing: input.asBytes
          ? 'none: the bytes of the image'
          : describePreprocessing(preprocessing),
        settings: { input: input.name, output },
      }),
      batchSize,
      classify: (images, signal) => answerInBatches({ images, signal, batchSize, ask }),
      close: () => {
        model.dispose();
        return Promise.resolve();
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function graphModel(
  folder: string,
  { topology, weightSpecs, weightData }: ModelFiles,
): Promise<GraphModel> {
  const { io } = await import('@tensorflow/tfjs-core');
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
  try {
    return await loadGraphModel(
      io.fromMemory({
        modelTopology: topology,
        weightSpecs: weightSpecs as coreIo.WeightsManifestEntry[],
        weightData: weightData.slice().buffer,
      }),
    );
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

/** The one input, which takes rows of pixels of channels, as numbers or as the bytes themselves. */
function inputOf(
  folder: string,
  { inputs }: GraphModel,
  shape: Shape,
): { name: string; asBytes: boolean } {
  const [input] = inputs;
  const wanted = [shape.height, shape.width, shape.channels];
  const sides = input?.shape?.slice(1);
  const fits = sides?.every((side, i) => side === -1 || side === wanted[i]) ?? true;
  if (input === undefined || inputs.length !== 1 || !fits || (sides?.length ?? 3) !== 3) {
    const taken = inputs.map((one) => (one.shape ?? ['any']).join('x')).join(', ');
    throw new InputError({
      code: 'model.shape',
      message: `the model in ${folder} takes ${taken}, the images are ${formatShape(shape)}`,
      hint: 'name a graph with one input, whose sides are batch, height, width and channels',
    });
  }
  return { name: input.name, asBytes: input.dtype === 'int32' };
}

function outputOf(
  folder: string,
  { outputs }: GraphModel,
  { output }: Pick<GraphOptions, 'output'>,
): string {
  const names = outputs.map(({ name }) => name);
  const [only] = names;
  const chosen = output ?? (names.length === 1 ? only : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  throw new InputError({
    code: 'model.load',
    message: `the model in ${folder} has the outputs ${names.join(', ')}${output === undefined ? '' : `, and no ${output}`}`,
    hint: 'name one of them with --suspect-output',
  });
}

/** Values of an image in a first run, which shows what the graph cannot do. */
async function tryRun(folder: string, run: () => Promise<ArrayLike<number>>): Promise<number> {
  try {
    return (await run()).length;
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

function unusable(folder: string, cause: unknown): InputError {
  const said = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ');
  return new InputError({
    code: 'model.load',
    message: `TensorFlow cannot run the graph in ${folder} (${said.slice(0, 200)})`,
    hint: 'convert it again, without loops and with operators of TensorFlow.js alone, or try another --backend',
    cause,
  });
}

function plain({ channels }: Shape) {
  return { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
}
