import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { concatBytes } from '../../base/index.js';
import type { Environment } from '../secrets.js';
import type { Failure, RequestLimits } from '../request.js';

/** How a program ended, as far as it came. */
export interface Run {
  /** Exit code; −1 where there was none. */
  readonly status: number;
  readonly output: Uint8Array;
  readonly failure: Failure | undefined;
}

/** What a program wrote to standard error is kept for a person up to this length. */
const mostComplaint = 300;

/**
 * Runs a program in a process group of its own, without a shell, standard input closed. At the deadline, at too much output,
 * when the judge stops, and when the program itself has ended, all of the group is killed. Never throws.
 */
export async function runProgram(
  words: readonly string[],
  {
    environment,
    limits,
    signal,
  }: { environment: Environment; limits: RequestLimits; signal?: AbortSignal | undefined },
): Promise<Run> {
  let child: ReturnType<typeof start>;
  try {
    child = start(words, environment);
  } catch (error) {
    return { status: -1, output: new Uint8Array(), failure: unstartable(error) };
  }
  const output: Uint8Array[] = [];
  let complaint = '';
  let failure: Failure | undefined;
  const end = (reason?: Failure): void => {
    failure ??= reason;
    killGroup(child.pid);
    // What left the group may hold the pipes open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  let length = 0;
  child.stdout.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (length <= limits.responseLimit) output.push(chunk);
    else end({ failed: 'suspect.too-large', detail: `more than ${limits.responseLimit} bytes` });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-mostComplaint);
  });
  const timer = setTimeout(() => {
    end({ failed: 'suspect.timeout', detail: `${limits.timeoutMs} ms` });
  }, limits.timeoutMs);
  const onAbort = (): void => {
    end({ failed: 'suspect.stopped', detail: 'stopped' });
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  // Helpers of the program that it left behind would keep its output open.
  child.once('exit', () => {
    killGroup(child.pid);
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    const said = complaint.trim().split('\n').at(-1) ?? '';
    if (code !== 0)
      failure ??= { failed: 'suspect.failed', detail: `exit code ${code ?? 'none'}: ${said}` };
    return { status: code ?? -1, output: concatBytes(...output), failure };
  } catch (error) {
    failure ??= unstartable(error);
    return { status: -1, output: concatBytes(...output), failure };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Throws where a program is there that the system does not start, such as one that is being written. */
function start([program = '', ...args]: readonly string[], environment: Environment) {
  return spawn(program, args, {
    detached: true,
    env: withoutSecrets(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function unstartable(error: unknown): Failure {
  return { failed: 'suspect.failed', detail: (error as Error).message };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

/** The program is the suspect's: it must not learn the judge's passphrase. */
function withoutSecrets(environment: Environment): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('VEILMARK_')),
  );
}
