import { sha256 } from '@noble/hashes/sha2.js';

import { bytesToHex, fromBase64, toBase64 } from '../base/index.js';
import type { AttemptEntry, QueryLog } from '../protocol/index.js';
import type { Refusal } from './causes.js';
import type { ExchangeReply } from './exchange.js';
import { isBusy } from './retry.js';

/** A body as it travelled, before any decompression. */
export interface RecordedBody {
  /** All of it, or its first `keptBytes` where it is longer than is kept whole. */
  readonly bytes: Uint8Array;
  /** SHA-256 of all bytes that travelled, in hexadecimal. */
  readonly digest: string;
  readonly length: number;
}

/** One HTTP exchange with a suspect, or one run of its program, successful or not. */
export interface AttemptRecord {
  readonly kind: 'http' | 'process';
  /** 0 for the first attempt at a question, 1 for its first repetition. */
  readonly attempt: number;
  /** UTC by this machine's clock. */
  readonly started: string;
  readonly ended: string;
  /** `GET`, `POST`; `RUN` for a program. */
  readonly method: string;
  /** Secret parameters are replaced; for a program its command line. */
  readonly url: string;
  /** Names in small letters; secret values are replaced by digests (`hideSecrets`). */
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly request: RecordedBody;
  /** HTTP status or exit code; −1 where none came. */
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly response: RecordedBody;
  /** SHA-256 of the remote's TLS certificate (DER), in hexadecimal; empty where there is none. */
  readonly certificate: string;
  /** Why no complete answer came, or empty. A complete answer may still be refused for what it says. */
  readonly failed: Refusal | '';
}

/** Keeps an attempt; the next question waits until it is kept. */
export type RecordAttempt = (attempt: AttemptRecord) => Promise<void>;

/** A complete answer to a question that was recorded before, if there is one. */
export type RecallAnswer = (
  question: Pick<AttemptRecord, 'method' | 'url' | 'request'>,
) => ExchangeReply | undefined;

/** An attempt as a line of a query log. */
export function attemptEntry(record: AttemptRecord): AttemptEntry {
  const body = ({ bytes, digest, length }: RecordedBody): AttemptEntry['request'] => ({
    bytes: toBase64(bytes),
    digest,
    length,
  });
  return { ...record, request: body(record.request), response: body(record.response) };
}

/** Length of a log from which on it keeps no body whole, so that no suspect makes it too long to be read, 2^30 bytes. */
const wholeBodies = 2 ** 29;

/**
 * Records attempts in a query log. What the log heard after its last answers, before its judge was killed, is not asked again:
 * it answers the same question once more, as long as no further answers are put down.
 */
export function loggedAttempts(
  log: QueryLog,
  { whole = wholeBodies }: { whole?: number } = {},
): { record: RecordAttempt; recall: RecallAnswer } {
  const { plan, pending, answers } = log.state;
  const heard = plan === undefined ? [] : pending.filter(isAnswer);
  return {
    record: (attempt) =>
      log.append({
        attempt: attemptEntry(log.state.length < whole ? attempt : shortened(attempt)),
      }),
    recall: ({ method, url, request: { digest } }) => {
      if (log.state.answers.length !== answers.length) return undefined;
      const place = heard.findIndex(
        (one) => one.method === method && one.url === url && one.request.digest === digest,
      );
      const [known] = place < 0 ? [] : heard.splice(place, 1);
      return (
        known && {
          status: known.status,
          headers: known.responseHeaders,
          body: fromBase64(known.response.bytes),
          certificate: known.certificate,
          ...(isCut(known) && { failed: { cause: known.failed as Refusal, detail: 'recorded' } }),
        }
      );
    },
  };
}

/** Causes with which an attempt was no answer, so that its question may be asked again. */
const unanswered = ['suspect.timeout', 'suspect.unreachable', 'suspect.stopped'];

/** Whether an attempt was answered, with a refusal or with a body that is kept whole: that answer counts. */
function isAnswer({ kind, failed, status, response }: AttemptEntry): boolean {
  if (failed === '') return fromBase64(response.bytes).length === response.length;
  return !unanswered.includes(failed) && !(kind === 'http' && isBusy(status));
}

/** Whether a refusal does not show in the status of an answer. */
function isCut({ kind, failed }: AttemptEntry): boolean {
  return failed !== '' && (kind === 'process' || failed === 'suspect.too-large');
}

/** Longest part that is kept of a body that is not kept whole, in bytes. */
export const keptBytes = 4096;

function shortened(record: AttemptRecord): AttemptRecord {
  const short = (body: RecordedBody): RecordedBody => ({
    ...body,
    bytes: body.bytes.slice(0, keptBytes),
  });
  return { ...record, request: short(record.request), response: short(record.response) };
}

/** How much of a body is kept. */
export interface Kept {
  /** Longest body that is kept whole, in bytes. */
  readonly limit: number;
  /** Bytes after which nothing is kept, whatever the length. */
  readonly most?: number;
}

/** A body for the record: whole if it has at most `limit` bytes, and in any case no more than `most`. */
export function recordBody(body: Uint8Array, { limit, most = body.length }: Kept): RecordedBody {
  const kept = body.length <= limit ? body.length : keptBytes;
  return {
    bytes: body.slice(0, Math.min(kept, most)),
    digest: bytesToHex(sha256(body)),
    length: body.length,
  };
}
