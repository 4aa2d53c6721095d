import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

import { utf8ToBytes } from '../base/index.js';
import { type Kept, type RecallAnswer, type RecordAttempt, recordBody } from './attempt.js';
import type { Refusal } from './causes.js';
import { echoIn, sentSecrets, withoutEcho } from './echo.js';
import { exchange, type ExchangeReply, type ExchangeRequest } from './exchange.js';
import { hideSecrets, hideUrlSecrets, type Secrets } from './hide-secrets.js';
import { isTooDeep } from './json-depth.js';
import { isRepeatable, pauseAfter, type RetryOptions } from './retry.js';

/** Why there is no complete answer. */
export interface Failure {
  readonly failed: Refusal;
  /** For a person. */
  readonly detail: string;
}

/** The JSON of a 2xx answer, or why there is none. */
export type Reply = { readonly body: unknown } | Failure;

/** The bytes of a 2xx answer, decompressed, or why there is none. */
export type BytesReply =
  { readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> } | Failure;

export interface RequestLimits {
  /** For each exchange, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest body that is read, in bytes, compressed and decompressed. */
  readonly responseLimit: number;
}

/** What every question to an endpoint has in common. */
export interface RequestOptions extends Secrets {
  readonly limits?: RequestLimits | undefined;
  /** Sent with each request, e.g. `authorization`; not part of the descriptor. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** PEM certificates to trust in place of the system's. */
  readonly authority?: string | undefined;
  /** Called once for each HTTP attempt, before its answer is used. What it throws passes through. */
  readonly record?: RecordAttempt | undefined;
  /** An answer to the same question that was recorded before this program was started again; it is not asked then. */
  readonly recall?: RecallAnswer | undefined;
  /** By default nothing is asked twice. */
  readonly retry?: RetryOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const defaultLimits: RequestLimits = { timeoutMs: 15_000, responseLimit: 2 ** 22 };

/**
 * Asks an endpoint that may be hostile for JSON: bounded in time and bytes, no redirects. Throws only what `record` does. An
 * empty body is `undefined`.
 */
export async function requestJson(
  url: URL,
  {
    body,
    ...options
  }: RequestOptions & {
    /** Sent as JSON by POST; without it the request is a GET. */
    readonly body?: unknown;
  },
): Promise<Reply> {
  const headers = { accept: 'application/json', ...options.headers };
  const reply = await requestBytes(url, {
    ...options,
    headers,
    ...(body !== undefined && {
      body: utf8ToBytes(JSON.stringify(body)),
      contentType: 'application/json',
    }),
  });
  return 'failed' in reply ? reply : parseJson(reply.bytes);
}

/** Asks an endpoint as `requestJson` does, with a body of any kind and any kind of answer. */
export async function requestBytes(
  url: URL,
  {
    body,
    contentType,
    method = body === undefined ? 'GET' : 'POST',
    ...options
  }: RequestOptions & {
    /** Sent by `method`; without it the request is a GET. */
    readonly body?: Uint8Array | undefined;
    readonly contentType?: string | undefined;
    readonly method?: ExchangeRequest['method'] | undefined;
  },
): Promise<BytesReply> {
  const { limits = defaultLimits, signal, authority } = options;
  const request: ExchangeRequest = {
    method,
    headers: {
      'accept-encoding': 'identity',
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(body !== undefined && { 'content-length': String(body.length) }),
      ...options.headers,
    },
    body: body ?? new Uint8Array(),
    authority,
    signal,
    ...limits,
  };
  const reply = await persist(url, request, options);
  return readReply(reply, limits.responseLimit);
}

/** Repeats an exchange while the suspect is not reached or is busy. The first complete answer counts, whatever it says. */
async function persist(
  url: URL,
  request: ExchangeRequest,
  options: RequestOptions,
): Promise<ExchangeReply> {
  const { retry, signal } = options;
  for (let attempt = 0; ; attempt++) {
    const reply = await recorded(url, request, { ...options, attempt });
    if (!retry || attempt >= retry.retries || !isRepeatable(reply)) return reply;
    const pause = pauseAfter(reply, attempt, retry);
    if (pause === undefined) return reply;
    await retry.sleep(pause, signal);
    if (signal?.aborted === true) {
      return { ...reply, failed: { cause: 'suspect.stopped', detail: 'stopped' } };
    }
  }
}

/** One exchange, kept by the recorder before anyone makes use of it. */
async function recorded(
  url: URL,
  request: ExchangeRequest,
  { record, recall, attempt, ...secrets }: RequestOptions & { readonly attempt: number },
): Promise<ExchangeReply> {
  const question = {
    method: request.method,
    url: hideUrlSecrets(url, secrets),
    request: recordBody(request.body, { limit: request.responseLimit }),
  };
  const known = recall?.(question);
  if (known) return known;
  const started = new Date().toISOString();
  const reply = await exchange(url, request);
  const sent = sentSecrets(url, request.headers, secrets);
  await record?.({
    kind: 'http',
    attempt,
    started,
    ended: new Date().toISOString(),
    ...question,
    requestHeaders: hideSecrets(request.headers, secrets),
    status: reply.status,
    responseHeaders: withoutEcho(hideSecrets(reply.headers, secrets), sent),
    response: recordBody(reply.body, keptOf(reply, sent, request.responseLimit)),
    certificate: reply.certificate,
    failed: failureOf(reply)?.failed ?? '',
  });
  return reply;
}

/** How much of a body may be kept: less than all of one in which a secret comes back. */
function keptOf({ body, headers }: ExchangeReply, sent: readonly string[], limit: number): Kept {
  const bytes = decompress(body, headers['content-encoding'] ?? 'identity', limit);
  const isPlain = !(bytes instanceof Uint8Array) || bytes === body;
  const place = echoIn(isPlain ? body : bytes, sent);
  const most = isPlain ? place : place < bytes.length ? 0 : body.length;
  return { limit, most };
}

function failureOf({ status, failed }: ExchangeReply): Failure | undefined {
  const isOk = status >= 200 && status < 300;
  // The page that comes with an error may be of any length.
  if (failed && (isOk || failed.cause !== 'suspect.too-large')) {
    return { failed: failed.cause, detail: failed.detail };
  }
  if (isOk) return undefined;
  const isRedirect = status >= 300 && status < 400;
  return { failed: isRedirect ? 'suspect.redirect' : 'suspect.http', detail: `HTTP ${status}` };
}

function readReply(reply: ExchangeReply, limit: number): BytesReply {
  const failure = failureOf(reply);
  if (failure) return failure;
  const bytes = decompress(reply.body, reply.headers['content-encoding'] ?? 'identity', limit);
  return bytes instanceof Uint8Array ? { bytes, headers: reply.headers } : bytes;
}

type Decoder = (body: Uint8Array, limits: { maxOutputLength: number }) => Uint8Array;

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['identity', (body) => body],
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
]);

/** Some servers compress whether they are asked to or not. */
function decompress(body: Uint8Array, encoding: string, limit: number): Uint8Array | Failure {
  const decode = decoders.get(encoding.trim().toLowerCase());
  if (!decode)
    return { failed: 'suspect.garbage', detail: 'the body is compressed in an unknown way' };
  try {
    return decode(body, { maxOutputLength: limit });
  } catch (error) {
    const isLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return isLong
      ? { failed: 'suspect.too-large', detail: `more than ${limit} bytes when decompressed` }
      : { failed: 'suspect.garbage', detail: 'the body is not compressed as it says' };
  }
}

/** The JSON of an answer; an empty body is `undefined`. */
export function parseJson(bytes: Uint8Array): Reply {
  if (bytes.length === 0) return { body: undefined };
  if (isTooDeep(bytes)) return { failed: 'suspect.garbage', detail: 'the body is too deep' };
  try {
    return { body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    return { failed: 'suspect.garbage', detail: 'the body is not JSON' };
  }
}
