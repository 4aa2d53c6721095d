import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';

import { sha256 } from '@noble/hashes/sha2.js';

import { bytesToHex, concatBytes } from '../base/index.js';
import type { Refusal } from './causes.js';

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest raw body that is read, in bytes. */
  readonly responseLimit: number;
  /** PEM certificates to trust in place of the system's. */
  readonly authority?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came back, as far as it came. */
export interface ExchangeReply {
  /** −1 where none came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Raw, as it travelled; of one that is too long what was read of it. */
  readonly body: Uint8Array;
  /** SHA-256 of the remote's certificate, in hexadecimal; empty without TLS. */
  readonly certificate: string;
  /** Why the exchange is not complete. */
  readonly failed?: { readonly cause: Refusal; readonly detail: string };
}

// A resumed TLS session does not show the certificate anew.
const agent = new Agent({ keepAlive: true, maxCachedSessions: 0 });

/**
 * One HTTP exchange with an endpoint that may be hostile: bounded in time and bytes, no redirects, no decompression. Never
 * throws.
 */
export async function exchange(url: URL, sent: ExchangeRequest): Promise<ExchangeReply> {
  const { timeoutMs, responseLimit, signal } = sent;
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const chunks: Uint8Array[] = [];
  let response: IncomingMessage | undefined;
  let certificate = '';
  const reply = (failed?: { cause: Refusal; detail: string }): ExchangeReply => ({
    status: response?.statusCode ?? -1,
    headers: flatHeaders(response),
    body: concatBytes(...chunks),
    certificate,
    ...(failed && { failed }),
  });
  try {
    response = await send(url, sent, stop);
    certificate = certificateOf(response);
    let length = 0;
    // Leaving the loop early destroys the connection.
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      chunks.push(chunk);
      if (length > responseLimit) {
        return reply({ cause: 'suspect.too-large', detail: `more than ${responseLimit} bytes` });
      }
    }
    return reply();
  } catch (error) {
    if (signal?.aborted === true) return reply({ cause: 'suspect.stopped', detail: 'stopped' });
    if (timeout.aborted) return reply({ cause: 'suspect.timeout', detail: `${timeoutMs} ms` });
    return reply({ cause: 'suspect.unreachable', detail: describe(error) });
  }
}

function send(url: URL, sent: ExchangeRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, headers, body, authority } = sent;
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal };
    const request: ClientRequest =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, agent, ...(authority && { ca: authority }) }, resolve)
        : httpRequest(url, options, resolve);
    request.on('error', reject);
    // A server that switches protocols ends the exchange without an answer and without an error.
    request.on('close', () => {
      reject(new Error('the connection was closed without an answer'));
    });
    request.end(body);
  });
}

/** A refused connection to several addresses of a name has its messages in a list. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0].message;
  }
  return error instanceof Error ? error.message : 'an unknown failure';
}

function flatHeaders(response: IncomingMessage | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response?.headers ?? {}).map(([name, value = '']) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

function certificateOf(response: IncomingMessage): string {
  const socket = response.socket as Partial<TLSSocket>;
  const certificate = socket.getPeerCertificate?.();
  return certificate?.raw ? bytesToHex(sha256(certificate.raw)) : '';
}
