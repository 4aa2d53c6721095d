import type { Refusal } from './causes.js';

/** The body of a 2xx answer, or why there is none. */
export type Reply =
  | { readonly body: unknown }
  | { readonly failed: Refusal; /** For a person. */ readonly detail: string };

export interface RequestLimits {
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest body that is read, in bytes. */
  readonly responseLimit: number;
}

/**
 * One HTTP exchange with an endpoint that may be hostile: bounded in time and bytes, no redirects, JSON only. Never
 * throws. An empty body is `undefined`.
 */
export async function requestJson(
  url: URL,
  {
    body,
    headers = {},
    signal,
    limits,
  }: {
    /** Sent by POST; without it the request is a GET. */
    body?: unknown;
    headers?: Readonly<Record<string, string>> | undefined;
    signal?: AbortSignal | undefined;
    limits: RequestLimits;
  },
): Promise<Reply> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const failed = (cause: Refusal, detail: string): Reply => ({ failed: cause, detail });
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      headers: { accept: 'application/json', ...headers },
      ...(body !== undefined && {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) {
      await response.body?.cancel();
      const redirect = response.status >= 300 && response.status < 400;
      return failed(redirect ? 'suspect.redirect' : 'suspect.http', `HTTP ${response.status}`);
    }
    const bytes = await readBody(response, limits.responseLimit);
    if (bytes === undefined) {
      return failed('suspect.too-large', `more than ${limits.responseLimit} bytes`);
    }
    return parseBody(bytes);
  } catch (error) {
    if (signal?.aborted === true) return failed('suspect.stopped', 'stopped');
    if (timeout.aborted) return failed('suspect.timeout', `${limits.timeoutMs} ms`);
    const { message, cause } = error as Error;
    return failed('suspect.unreachable', cause instanceof Error ? cause.message : message);
  }
}

/** The body, or nothing if it is longer than `limit` bytes; a longer one is not read to its end. */
async function readBody(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseBody(bytes: Uint8Array): Reply {
  if (bytes.length === 0) return { body: undefined };
  try {
    return { body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    return { failed: 'suspect.garbage', detail: 'the body is not JSON' };
  }
}
