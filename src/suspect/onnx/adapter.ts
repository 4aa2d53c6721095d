import { sha256 } from '@noble/hashes/sha2.js';
import type { InferenceSession } from 'onnxruntime-node';

import { bytesToHex, type Image, InputError, sameShape, type Shape } from '../../base/index.js';
import { readFileLimited } from '../../files/index.js';
import type { Suspect } from '../../protocol/index.js';
import type { Preprocessing } from '../../training/engine.js';
import { answerOfLabel, answerOfScores, type Reading } from '../answers.js';
import { answerInBatches, type BatchAnswer } from '../batching.js';
import { type Refusal, refusals } from '../causes.js';
import { describeSuspect } from '../descriptor.js';
import { mostImages } from '../endpoint.js';
import { harmlessImage } from '../first-question.js';
import { describeNumbers, numbersOf } from '../image-encoding.js';
import { loadRuntime, type Runtime, startSession } from './runtime.js';
import { fitInput, fitOutput, type OnnxLayout, type OnnxOutput, sidesOf } from './tensors.js';

export interface OnnxOptions extends Pick<Reading, 'onScore'> {
  readonly shape: Shape;
  readonly classes: number;
  /** By default pixels / 255; a model that takes bytes gets bytes. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Where the model's own description leaves it open. */
  readonly layout?: OnnxLayout | undefined;
  /** Name of the output to read, where the first readable one is not the right one. */
  readonly output?: string | undefined;
}

const largestFile = 2 ** 31 - 1;

/**
 * A suspect that is an ONNX file, run here by `onnxruntime-node`, which is loaded on demand. Its identity is the file's
 * SHA-256. It is run once at once, on a harmless image, as its description may leave open what it gives.
 *
 * Throws `InputError`: `file.*`, `suspect.onnx-missing`, `suspect.onnx-broken`, `suspect.onnx`, `suspect.metadata`,
 * `suspect.layout`, `suspect.count`, `suspect.failed`. Later it refuses instead.
 */
export async function openOnnxSuspect(path: string, options: OnnxOptions): Promise<Suspect> {
  const { shape, classes } = options;
  const bytes = await readFileLimited(path, { limit: largestFile, what: 'ONNX model' });
  const runtime = await loadRuntime();
  const session = await startSession(runtime, bytes, path);
  try {
    const input = fitInput(session.inputMetadata.filter(isTensor), options);
    const output = fitOutput(session.outputMetadata.filter(isTensor), options);
    const asBytes = input.type === 'uint8';
    const format = {
      shape,
      preprocessing: asBytes ? undefined : (options.preprocessing ?? plain(shape)),
      layout: input.layout === 'nchw' ? ('chw' as const) : ('hwc' as const),
    };
    const toNumbers = numbersOf(format);
    const batchSize = input.single ? 1 : mostImages(shape);
    const ask = async (
      batch: readonly Image[],
      reading: Reading = options,
    ): Promise<BatchAnswer> => {
      if (!batch.every((image) => sameShape(image.shape, shape))) return 'suspect.shape';
      const values = batch.flatMap(toNumbers);
      const sides = [batch.length, ...sidesOf(input.layout, shape)];
      const tensor = asBytes
        ? new runtime.Tensor('uint8', Uint8Array.from(values), sides)
        : new runtime.Tensor('float32', Float32Array.from(values), sides);
      return run(session, { [input.name]: tensor }, { ...reading, output, count: batch.length });
    };
    const first = await ask([harmlessImage(shape)], { classes });
    if (typeof first === 'string') throw unusable(path, first);
    return {
      ...describeSuspect({
        kind: 'onnx',
        identity: bytesToHex(sha256(bytes)),
        shape,
        classes,
        preprocessing: describeNumbers(format),
        settings: { input: { ...input }, output: { ...output } },
      }),
      batchSize,
      classify: (images, signal) =>
        answerInBatches({
          images,
          signal,
          batchSize,
          ask: (batch) => ask(batch),
        }),
      close: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function run(
  session: InferenceSession,
  feeds: Record<string, InstanceType<Runtime['Tensor']>>,
  { output: { name, kind }, count, ...reading }: { output: OnnxOutput; count: number } & Reading,
): Promise<BatchAnswer> {
  const { classes } = reading;
  try {
    const tensor = (await session.run(feeds, [name]))[name];
    const values = Array.from(tensor?.data as ArrayLike<number | bigint>, Number);
    if (values.length !== count * (kind === 'label' ? 1 : classes)) return 'suspect.count';
    return Array.from({ length: count }, (_, i) =>
      kind === 'label'
        ? answerOfLabel(values[i], reading)
        : answerOfScores(values.slice(i * classes, (i + 1) * classes), reading),
    );
  } catch {
    return 'suspect.failed';
  }
}

function unusable(path: string, code: Refusal): InputError {
  return new InputError({
    code,
    message: `${path}: ${refusals[code]}`,
    hint: 'name a model of the committed shape and classes, or another output with --suspect-output',
  });
}

function isTensor(
  value: InferenceSession.ValueMetadata,
): value is InferenceSession.TensorValueMetadata {
  return value.isTensor;
}

function plain({ channels }: Shape): Preprocessing {
  return { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
}
