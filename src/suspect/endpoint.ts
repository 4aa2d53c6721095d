import { bytesToHex, EnvironmentError, InputError, type Shape, sizeOf } from '../base/index.js';
import { taggedHash } from '../crypto/hash.js';
import type { Preprocessing } from '../training/engine.js';
import type { Reading } from './answers.js';
import { refusals } from './causes.js';
import { requestJson, type RequestOptions } from './request.js';

export { defaultLimits } from './request.js';

/** What every adapter of an HTTP endpoint needs to know. */
export interface EndpointOptions extends RequestOptions, Pick<Reading, 'onScore'> {
  /** What comes before the protocol's own path, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly model: string;
  readonly shape: Shape;
  readonly classes: number;
  /** How bytes become numbers, for an endpoint that wants numbers in place of bytes. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Name of the output to read, where the first readable one is not the right one. */
  readonly output?: string | undefined;
  /** Images in a request; by default at most 64 and two million values. */
  readonly batchSize?: number | undefined;
}

/** Most images of a request: 64, and two million values. */
export function mostImages(shape: Shape): number {
  return Math.max(1, Math.min(64, Math.floor(2e6 / sizeOf(shape))));
}

/** The address to which a protocol's paths are relative. Throws `InputError` `suspect.url`. */
export function parseEndpoint(text: string): URL {
  return checkUrl(text.endsWith('/') ? text : `${text}/`);
}

/** A whole address without secrets in it. Throws `InputError` `suspect.url`. */
export function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const web = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (
    !web ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.href.length > 200
  ) {
    // User name, password and query may be secrets, and messages end in logs.
    const shown = text.replace(/[?#].*/s, '…').replace(/^([a-z]*:\/\/)?.*@/is, '$1…@');
    throw new InputError({
      code: 'suspect.url',
      message: `${JSON.stringify(shown.slice(0, 200))} is no address of an endpoint`,
      hint: 'write e.g. http://127.0.0.1:8080, without user name, password, query or fragment',
    });
  }
  return url;
}

/** Throws `InputError` `suspect.url`. */
export function checkModelName(model: string): void {
  if (/^[\w .:/-]{1,150}$/.test(model)) return;
  throw new InputError({
    code: 'suspect.url',
    message: `${JSON.stringify(model.slice(0, 200))} is no name of a model`,
    hint: 'write the name under which the endpoint serves it: letters, digits and . : / - _',
  });
}

/** A question before the session: its failure is the caller's to handle. Throws `EnvironmentError` with a refusal's code. */
export async function askFirst(url: URL, options: RequestOptions, hint: string): Promise<unknown> {
  const reply = await requestJson(url, options);
  if ('body' in reply) return reply.body;
  throw new EnvironmentError({
    code: reply.failed,
    message: `${url.href}: ${refusals[reply.failed]} (${reply.detail})`,
    hint,
  });
}

/**
 * What an endpoint says of its model at some addresses, by digest; nothing where it does not answer. Times and counts in an
 * answer would differ each time: those addresses are for names, versions and shapes.
 */
export async function identify(
  urls: readonly URL[],
  options: RequestOptions,
): Promise<string | undefined> {
  const said: string[] = [];
  for (const url of urls) {
    const reply = await requestJson(url, options);
    if ('failed' in reply) return undefined;
    said.push(JSON.stringify(reply.body));
  }
  return bytesToHex(
    taggedHash(
      'veilmark/suspect-identity/1',
      said.map((text) => text.toWellFormed()),
    ),
  );
}
