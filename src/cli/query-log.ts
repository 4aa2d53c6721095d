import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Parameters } from '../commitment/index.js';
import { type LabelledRandom, SeededStream, systemRandom } from '../crypto/index.js';
import { openQueryLog, type QueryLogFile } from '../evidence/index.js';
import { mustNotExist } from '../files/index.js';
import type { Policy, QueryLog } from '../protocol/index.js';
import { loggedAttempts, type RequestOptions } from '../suspect/index.js';

/** The query log of a session lies beside its transcript. */
export function queriesBeside(transcript: string): string {
  return `${transcript}.queries`;
}

/**
 * Refuses a place for a new session's log where there is one already. A judge that was killed before it said anything leaves an empty
 * one, which is none. Throws `InputError` `file.exists`.
 */
export async function mustHoldNoQueries(transcript: string): Promise<void> {
  const path = queriesBeside(transcript);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size > 0) await mustNotExist(path);
}

/** Opens the log beside a transcript; should that place fail in mid-session, it goes on in the system's temporary folder. */
export function openBeside(transcript: string): Promise<QueryLogFile> {
  const path = queriesBeside(transcript);
  const name = `${randomBytes(4).toString('hex')}-${basename(path)}`;
  return openQueryLog(path, { elsewhere: join(tmpdir(), name) });
}

/**
 * How a judge asks an endpoint under a policy: every attempt in the log, repeated as often as the policy says. The whole asking
 * may take the policy's deadline and, for each question, the seconds of one request; no pause goes beyond that.
 */
export function askingOptions(
  log: QueryLog,
  { answerBytes, deadlineSeconds, decoysPerTrigger, querySeconds, repeats, retries }: Policy,
  {
    parameters: { audited, batchSize },
    random,
  }: {
    parameters: Parameters;
    /** Of the session: a judge that goes on hides a secret as before, and so knows what it asked already. */
    random: LabelledRandom;
  },
): RequestOptions {
  const questions = batchSize * (1 + decoysPerTrigger) + audited + repeats;
  const end = performance.now() + 1000 * (deadlineSeconds + querySeconds * questions);
  const jitter = new SeededStream('veilmark/query-jitter/1', [systemRandom(32)]);
  return {
    ...loggedAttempts(log),
    limits: { timeoutMs: 1000 * querySeconds, responseLimit: answerBytes },
    salt: random('query-salt')(32),
    retry: {
      retries,
      below: (bound) => jitter.below(bound),
      now: () => Date.now(),
      sleep: async (milliseconds, signal) => {
        // It is for whoever asked to see that the judge stops. A timer takes no more than this.
        await pause(Math.min(milliseconds, 2 ** 31 - 1), undefined, {
          ...(signal && { signal }),
        }).catch(() => undefined);
      },
      remaining: () => end - performance.now(),
    },
  };
}
