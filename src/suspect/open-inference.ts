import {
  EnvironmentError,
  formatShape,
  type Image,
  InputError,
  sameShape,
  type Shape,
  sizeOf,
} from '../base/index.js';
import type { Suspect } from '../protocol/index.js';
import type { Preprocessing } from '../training/engine.js';
import { describePreprocessing } from '../training/preprocess.js';
import { answerInBatches, type BatchAnswer } from './batching.js';
import { refusals } from './causes.js';
import { encoder, readAnswers } from './inference-codec.js';
import { readMetadata } from './inference-metadata.js';
import { requestJson, type RequestLimits } from './request.js';

export interface OpenInferenceOptions {
  /** What comes before `v2/`, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly model: string;
  readonly shape: Shape;
  readonly classes: number;
  /** Needed by an endpoint that wants numbers (FP32) in place of bytes. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Name of the output to read, where the first readable one is not the right one. */
  readonly output?: string | undefined;
  /** Images in a request; by default at most 64 and two million values. */
  readonly batchSize?: number | undefined;
  /** For each request. */
  readonly limits?: RequestLimits | undefined;
  /** Sent with each request, e.g. `authorization`; not part of the descriptor. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaultLimits: RequestLimits = { timeoutMs: 15_000, responseLimit: 2 ** 22 };

/**
 * A suspect behind the Open Inference Protocol V2 (REST), as Triton, KServe, MLServer and `veilmark serve-model` speak
 * it. Asks whether it is ready, and fits its description to images and classes, before the first question.
 *
 * Throws `InputError` `suspect.url`, `suspect.metadata`, `suspect.preprocessing`; `EnvironmentError` with the code of a
 * refusal (`suspect.unreachable`, `suspect.timeout`, …) where the endpoint does not get so far. Later it refuses instead.
 */
export async function openInferenceSuspect(options: OpenInferenceOptions): Promise<Suspect> {
  const { model, shape, classes, preprocessing } = options;
  const base = endpoint(options.url);
  checkModelName(model);
  const path = `v2/models/${encodeURIComponent(model)}`;
  await askFirst(new URL('v2/health/ready', base), options);
  const metadata = await askFirst(new URL(path, base), options);
  const { input, output } = readMetadata(metadata, options);
  const most = Math.max(1, Math.min(64, Math.floor(2e6 / sizeOf(shape))));
  const batchSize = input.single ? 1 : (options.batchSize ?? most);
  const encode = encoder(input, options);
  const ask = async (batch: readonly Image[], signal?: AbortSignal): Promise<BatchAnswer> => {
    if (!batch.every((image) => sameShape(image.shape, shape))) return 'suspect.shape';
    const reply = await requestJson(new URL(`${path}/infer`, base), {
      body: { inputs: [encode(batch)], outputs: [{ name: output.name }] },
      headers: options.headers,
      signal,
      limits: options.limits ?? defaultLimits,
    });
    return readAnswers(reply, { output, count: batch.length, classes });
  };
  return {
    descriptor: {
      kind: 'open-inference',
      identity: `${base.href} ${model}`,
      shape: formatShape(shape),
      classes,
      preprocessing:
        input.datatype === 'UINT8' || preprocessing === undefined
          ? 'none: the endpoint gets the bytes of the image'
          : describePreprocessing(preprocessing),
    },
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

function endpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text.endsWith('/') ? text : `${text}/`) : undefined;
  const web = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (
    !web ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.href.length > 200
  ) {
    throw new InputError({
      code: 'suspect.url',
      message: `${JSON.stringify(text.slice(0, 200))} is no address of an endpoint`,
      hint: 'write e.g. http://127.0.0.1:8080, without user name, password, query or fragment',
    });
  }
  return url;
}

function checkModelName(model: string): void {
  if (/^[\w .:/-]{1,150}$/.test(model)) return;
  throw new InputError({
    code: 'suspect.url',
    message: `${JSON.stringify(model.slice(0, 200))} is no name of a model`,
    hint: 'write the name under which the endpoint serves it: letters, digits and . : / - _',
  });
}

/** A question before the session: a failure is the caller's to handle. */
async function askFirst(url: URL, options: OpenInferenceOptions): Promise<unknown> {
  const { headers, signal, limits = defaultLimits } = options;
  const reply = await requestJson(url, { headers, signal, limits });
  if ('body' in reply) return reply.body;
  throw new EnvironmentError({
    code: reply.failed,
    message: `${url.href}: ${refusals[reply.failed]} (${reply.detail})`,
    hint: 'check that the endpoint runs, speaks the Open Inference Protocol V2 and has a model of this name',
  });
}
