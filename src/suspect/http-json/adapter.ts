import { type Image, sameShape, type Shape } from '../../base/index.js';
import type { Suspect } from '../../protocol/index.js';
import type { Reading } from '../answers.js';
import { answerInBatches, type BatchAnswer } from '../batching.js';
import { describeSuspect } from '../descriptor.js';
import { tryOut } from '../first-question.js';
import { parseJson, requestBytes, type RequestOptions } from '../request.js';
import type { Environment } from '../secrets.js';
import { addressOf } from './address.js';
import type { HttpJsonConfig } from './config.js';
import { requestEncoder } from './encode.js';
import { answerReader } from './read.js';

export interface HttpJsonOptions
  extends Omit<RequestOptions, 'headers' | 'secretNames'>, Pick<Reading, 'onScore'> {
  readonly config: HttpJsonConfig;
  readonly shape: Shape;
  /** Of the commitment; the settings may name others. */
  readonly classNames: readonly string[];
  /** Holds the secrets that the settings name. */
  readonly environment: Environment;
}

/**
 * A suspect behind any HTTP interface that takes images and answers in JSON, as a file of settings describes it. Asks one
 * harmless question at once, as such an interface tells nothing about itself.
 *
 * Throws `InputError` `suspect.config`, `suspect.secret`, `suspect.url`; `EnvironmentError` with the code of a refusal of
 * the first question. Later it refuses instead.
 */
export async function httpJsonSuspect(options: HttpJsonOptions): Promise<Suspect> {
  const { config, shape, environment, onScore, ...request } = options;
  const {
    classes: classNames = options.classNames,
    method = 'POST',
    batch: batchSize = 1,
  } = config;
  const { url, headers, secretNames } = addressOf(config, environment);
  const { encode, preprocessing } = requestEncoder(config, shape);
  const read = answerReader(config, { classNames, onScore });
  const ask = async (batch: readonly Image[], signal?: AbortSignal): Promise<BatchAnswer> => {
    if (!batch.every((image) => sameShape(image.shape, shape))) return 'suspect.shape';
    const reply = await requestBytes(url, {
      ...request,
      ...(await encode(batch)),
      method,
      headers: { accept: 'application/json', ...headers },
      secretNames,
      signal,
    });
    const answer = 'failed' in reply ? reply : parseJson(reply.bytes);
    return 'failed' in answer ? answer.failed : read(answer.body, batch.length);
  };
  const suspect: Suspect = {
    ...describeSuspect({
      kind: 'http-json',
      identity: new URL(config.url).href,
      shape,
      classes: classNames.length,
      preprocessing,
      settings: { file: config.digest, classNames },
    }),
    batchSize,
    classify: (images, signal) =>
      answerInBatches({ images, signal, batchSize, ask: (batch) => ask(batch, signal) }),
    close: () => Promise.resolve(),
  };
  await tryOut(suspect, {
    shape,
    what: config.url,
    hint: 'compare the settings with one exchange that works, e.g. of curl (docs/suspects.md)',
    signal: request.signal,
  });
  return suspect;
}
