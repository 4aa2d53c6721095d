import { type Image, sameShape } from '../base/index.js';
import type { Suspect } from '../protocol/index.js';
import { describePreprocessing } from '../training/preprocess.js';
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
import { encoder, readAnswers } from './inference-codec.js';
import { readMetadata } from './inference-metadata.js';
import { requestJson } from './request.js';

export type OpenInferenceOptions = EndpointOptions;

const hint =
  'check that the endpoint runs, speaks the Open Inference Protocol V2 and has a model of this name';

/**
 * A suspect behind the Open Inference Protocol V2 (REST), as Triton, KServe, MLServer and `veilmark serve-model` speak
 * it. Asks whether it is ready, and fits its description to images and classes, before the first question.
 *
 * Throws `InputError` `suspect.url`, `suspect.metadata`, `suspect.preprocessing`; `EnvironmentError` with the code of a
 * refusal (`suspect.unreachable`, `suspect.timeout`, …) where the endpoint does not get so far. Later it refuses instead.
 */
export async function openInferenceSuspect(options: OpenInferenceOptions): Promise<Suspect> {
  const { model, shape, classes, preprocessing } = options;
  const base = parseEndpoint(options.url);
  checkModelName(model);
  const path = `v2/models/${encodeURIComponent(model)}`;
  await askFirst(new URL('v2/health/ready', base), options, hint);
  const metadata = await askFirst(new URL(path, base), options, hint);
  const { input, output } = readMetadata(metadata, options);
  const batchSize = input.single ? 1 : (options.batchSize ?? mostImages(shape));
  const encode = encoder(input, options);
  const reading = { classes, onScore: options.onScore };
  const ask = async (batch: readonly Image[], signal?: AbortSignal): Promise<BatchAnswer> => {
    if (!batch.every((image) => sameShape(image.shape, shape))) return 'suspect.shape';
    const reply = await requestJson(new URL(`${path}/infer`, base), {
      ...options,
      body: { inputs: [encode(batch)], outputs: [{ name: output.name }] },
      signal,
    });
    return readAnswers(reply, { output, count: batch.length, ...reading });
  };
  return {
    ...describeSuspect({
      kind: 'open-inference',
      identity: `${base.href} ${model}`,
      shape,
      classes,
      preprocessing:
        input.datatype === 'UINT8' || preprocessing === undefined
          ? 'none: the endpoint gets the bytes of the image'
          : describePreprocessing(preprocessing),
      settings: { input: { ...input }, output: { ...output }, batchSize },
    }),
    batchSize,
    identify: (signal) => identify([new URL(path, base)], { ...options, signal }),
    classify: (images, signal) =>
      answerInBatches({
        images,
        signal,
        batchSize,
        ask: (batch) => ask(batch, signal),
      }),
    close: () => Promise.resolve(),
  };
}
