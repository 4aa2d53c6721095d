import type { ExchangeReply } from './exchange.js';

/** How questions are asked again. Clock, sleep and jitter are parameters, so that tests take no time. */
export interface RetryOptions {
  /** Most repetitions of a question. */
  readonly retries: number;
  /** A uniform integer below a bound, e.g. of a seeded stream: two judges do not come back at the same time. */
  readonly below: (bound: number) => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after some milliseconds, or at once when the judge stops. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Milliseconds that are left for this session: no pause is longer. */
  readonly remaining: () => number;
}

const firstPauseMs = 500;
const longestPauseMs = 30_000;

/** Too many requests, bad gateway, unavailable, gateway timeout: the suspect was not there, or busy. */
const busy: readonly number[] = [429, 502, 503, 504];

/** Whether an HTTP status says that the suspect was busy or not there. */
export function isBusy(status: number): boolean {
  return busy.includes(status);
}

/** Whether an exchange shows a suspect that was not reached or was busy; anything else counts as its answer. */
export function isRepeatable({ status, failed }: ExchangeReply): boolean {
  const cause = failed?.cause ?? '';
  return ['suspect.timeout', 'suspect.unreachable'].includes(cause) || isBusy(status);
}

/**
 * Milliseconds to wait before the next attempt: what the suspect asks for by Retry-After, but at least half a second doubled
 * for each attempt so far, with between a half and all of that at random. Nothing if the session has no time left for it.
 */
export function pauseAfter(
  { headers }: ExchangeReply,
  attempt: number,
  { below, now, remaining }: RetryOptions,
): number | undefined {
  const longest = Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
  const backoff = Math.ceil(longest / 2) + below(Math.floor(longest / 2) + 1);
  const pause = Math.max(backoff, readRetryAfter(headers['retry-after'], now()) ?? 0);
  return pause <= remaining() ? pause : undefined;
}

/** Milliseconds that a Retry-After header asks for: seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return 1000 * Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}
