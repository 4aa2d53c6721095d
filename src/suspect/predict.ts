import { Type } from 'typebox';
import { Check } from 'typebox/value';

import { concatBytes, EnvironmentError, type Image, sameShape, type Shape } from '../base/index.js';
import type { Answer, Suspect } from '../protocol/index.js';
import type { Preprocessing } from '../training/engine.js';
import { describePreprocessing, preprocessor } from '../training/preprocess.js';
import { answerOfLabel, answerOfScores, type Reading } from './answers.js';
import { answerInBatches, type BatchAnswer } from './batching.js';
import { describeSuspect } from './descriptor.js';
import {
  askFirst,
  checkModelName,
  type EndpointOptions,
  identify,
  mostImages,
  parseEndpoint,
} from './endpoint.js';
import { tryOut } from './first-question.js';
import { type Reply, requestJson } from './request.js';

/** `GET v1/models/M`: TensorFlow Serving lists versions with their states, KServe says `ready`. */
const ServingStatus = Type.Object({
  model_version_status: Type.Array(Type.Object({ state: Type.String() }), { maxItems: 1000 }),
});
const KServeStatus = Type.Object({ ready: Type.Union([Type.Boolean(), Type.String()]) });

const Predictions = Type.Object({ predictions: Type.Array(Type.Unknown(), { maxItems: 100_000 }) });

const hint = 'check that the endpoint runs, speaks the V1 protocol and has a model of this name';

/**
 * A suspect behind `POST v1/models/M:predict`, the row format of TensorFlow Serving's REST interface and of KServe's V1
 * protocol. Its description says nothing of images and classes, so the options do: an instance is height × width × channels
 * numbers, bytes as they are or preprocessed. A prediction is a class, a list of scores, or an object with such an output. Asks
 * one harmless question at once.
 *
 * Throws `InputError` `suspect.url`; `EnvironmentError` `suspect.not-ready`, or with the code of a refusal where the endpoint
 * does not get so far. Later it refuses instead.
 */
export async function predictSuspect(options: EndpointOptions): Promise<Suspect> {
  const { model, shape, classes, preprocessing } = options;
  const base = parseEndpoint(options.url);
  checkModelName(model);
  const path = `v1/models/${encodeURIComponent(model)}`;
  const batchSize = options.batchSize ?? mostImages(shape);
  const status = new URL(path, base);
  if (!isReady(await askFirst(status, options, hint))) {
    throw new EnvironmentError({
      code: 'suspect.not-ready',
      message: `${status.href}: the endpoint does not say that its model is ready`,
      hint: 'wait until it is loaded, or correct --endpoint-model',
    });
  }
  const encode = instances({ shape, preprocessing });
  const ask = async (batch: readonly Image[], signal?: AbortSignal): Promise<BatchAnswer> => {
    if (!batch.every((image) => sameShape(image.shape, shape))) return 'suspect.shape';
    const reply = await requestJson(new URL(`${path}:predict`, base), {
      ...options,
      body: { instances: encode(batch) },
      signal,
    });
    const { output, onScore } = options;
    return readPredictions(reply, { count: batch.length, classes, output, onScore });
  };
  const suspect: Suspect = {
    ...describeSuspect({
      kind: 'predict-v1',
      identity: `${base.href} ${model}`,
      shape,
      classes,
      preprocessing:
        preprocessing === undefined
          ? 'none: the endpoint gets the bytes of the image'
          : describePreprocessing(preprocessing),
      settings: { output: options.output ?? '', batchSize },
    }),
    batchSize,
    identify: (signal) => identify([status], { ...options, signal }),
    classify: (images, signal) =>
      answerInBatches({
        images,
        signal,
        batchSize,
        ask: (batch) => ask(batch, signal),
      }),
    close: () => Promise.resolve(),
  };
  await tryOut(suspect, {
    shape,
    what: new URL(`${path}:predict`, base).href,
    hint: 'check shape, classes, --suspect-normalise and --suspect-output: its description tells none of them',
    signal: options.signal,
  });
  return suspect;
}

function isReady(status: unknown): boolean {
  if (Check(ServingStatus, status))
    return status.model_version_status.some(({ state }) => state === 'AVAILABLE');
  return Check(KServeStatus, status) && String(status.ready).toLowerCase() === 'true';
}

/** Writes images as nested lists, rows of pixels of channels. */
function instances({
  shape,
  preprocessing,
}: {
  shape: Shape;
  preprocessing: Preprocessing | undefined;
}): (batch: readonly Image[]) => number[][][][] {
  const { height, width, channels } = shape;
  const toNumbers = preprocessing && preprocessor({ shape, preprocessing });
  return (batch) => {
    const pixels = concatBytes(...batch.map((image) => image.pixels));
    const values = toNumbers ? toNumbers(pixels, batch.length) : pixels;
    let at = 0;
    const pixel = (): number[] => Array.from(values.subarray(at, (at += channels)));
    const row = (): number[][] => Array.from({ length: width }, pixel);
    return batch.map(() => Array.from({ length: height }, row));
  };
}

function readPredictions(
  reply: Reply,
  { count, output, ...reading }: { count: number; output: string | undefined } & Reading,
): BatchAnswer {
  if ('failed' in reply) return reply.failed;
  if (!Check(Predictions, reply.body)) return 'suspect.garbage';
  const { predictions } = reply.body;
  if (predictions.length !== count) return 'suspect.count';
  return predictions.map((prediction) => answerOf(outputOf(prediction, output), reading));
}

/** A model of several outputs answers with an object; without a name its only readable member is taken. */
function outputOf(prediction: unknown, output: string | undefined): unknown {
  if (typeof prediction !== 'object' || prediction === null || Array.isArray(prediction))
    return output === undefined ? prediction : undefined;
  const members = Object.entries(prediction).filter(([name, value]) =>
    output === undefined ? typeof value === 'number' || Array.isArray(value) : name === output,
  );
  return members.length === 1 ? members[0]?.[1] : undefined;
}

function answerOf(value: unknown, reading: Reading): Answer {
  const list = Array.isArray(value) ? (value as unknown[]).flat(1) : [value];
  return list.length === 1 ? answerOfLabel(list[0], reading) : answerOfScores(list, reading);
}
