import { sha256 } from '@noble/hashes/sha2.js';

import { bytesToHex, fromBase64, toBase64 } from '../base/index.js';
import { taggedHash } from '../crypto/hash.js';
import type { AttemptEntry, QueryLog } from '../protocol/index.js';
import type { Refusal } from './causes.js';
import type { ExchangeReply } from './exchange.js';

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

/**
 * Records attempts in a query log. What the log heard after its last answers, before its judge was killed, is not asked again:
 * it answers the same question once more, as long as no further answers are put down.
 */
export function loggedAttempts(log: QueryLog): { record: RecordAttempt; recall: RecallAnswer } {
  const { plan, pending, answers } = log.state;
  const heard = plan === undefined ? [] : pending.filter(isComplete);
  return {
    record: (attempt) => log.append({ attempt: attemptEntry(attempt) }),
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
        }
      );
    },
  };
}

/** Whether an answer came to its end and all of it is kept. */
function isComplete({ failed, response }: AttemptEntry): boolean {
  return failed === '' && fromBase64(response.bytes).length === response.length;
}

/** Longest part that is kept of a body that is not kept whole, in bytes. */
export const keptBytes = 4096;

/** A body for the record: whole if it has at most `limit` bytes. */
export function recordBody(body: Uint8Array, limit: number): RecordedBody {
  return {
    bytes: body.length <= limit ? body : body.slice(0, keptBytes),
    digest: bytesToHex(sha256(body)),
    length: body.length,
  };
}

/** What is secret in an exchange besides the headers that always are. */
export interface Secrets {
  /** Names of further headers and URL parameters with secrets, in any case. */
  readonly secretNames?: readonly string[] | undefined;
  /** Drawn for the session: who has it can show later which secret a digest stands for. */
  readonly salt?: Uint8Array | undefined;
}

const secretName =
  /auth|cookie|token|secret|passw|credential|signature|session|api-?_?key|subscription|^x-.*key$|^key$/i;

/**
 * Headers or URL parameters with the values of secret ones replaced by `secret SHA-256`, salted; without a salt by the
 * word alone, since a short secret could be guessed from its digest.
 */
export function hideSecrets(
  headers: Readonly<Record<string, string>>,
  { secretNames = [], salt }: Secrets,
): Record<string, string> {
  const listed = new Set(secretNames.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const isSecret = secretName.test(name) || listed.has(name.toLowerCase());
      return [name.toLowerCase(), isSecret ? secretDigest(value, salt) : value];
    }),
  );
}

function secretDigest(value: string, salt: Uint8Array | undefined): string {
  if (salt === undefined) return 'secret';
  return `secret ${bytesToHex(taggedHash('veilmark/query-secret/1', [salt, value.toWellFormed()]))}`;
}

/** An address with the values of its secret parameters replaced. */
export function hideUrlSecrets(url: URL, secrets: Secrets): string {
  const shown = new URL(url);
  const hidden = hideSecrets(Object.fromEntries(url.searchParams), secrets);
  for (const [name, value] of url.searchParams) {
    const replaced = hidden[name.toLowerCase()];
    if (replaced !== undefined && replaced !== value) shown.searchParams.set(name, replaced);
  }
  return shown.href;
}
