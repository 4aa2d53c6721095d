import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import workerpool from 'workerpool';

import { EnvironmentError } from '../../base/index.js';
import { type Outcome, unwrap } from './outcome.js';
import type { Jobs } from './worker.js';

export interface PoolOptions {
  /** Processes, each of which does one job at a time; one for each core by default. */
  readonly workers?: number | undefined;
  /** Most memory of JavaScript's heap in each process, MiB. */
  readonly memory?: number | undefined;
}

type Task<Name extends keyof Jobs> = Parameters<Jobs[Name]>[0];
type Result<Name extends keyof Jobs> =
  Awaited<ReturnType<Jobs[Name]>> extends Outcome<infer T> ? T : never;

/**
 * Processes for long arithmetic. At most `workers` jobs are in memory at a time; further ones wait. Processes and not
 * threads: one that runs out of memory takes no other with it, and ffjavascript does not load in a thread. They end with
 * this process, however it ends, and `close` ends them before.
 */
export class WorkerPool {
  readonly workers: number;
  readonly #pool: workerpool.Pool;

  constructor({ workers = availableParallelism(), memory = 4096 }: PoolOptions = {}) {
    this.workers = workers;
    const isSource = import.meta.url.endsWith('.ts');
    const script = new URL(isSource ? './worker.ts' : './worker.js', import.meta.url);
    this.#pool = workerpool.pool(fileURLToPath(script), {
      workerType: 'process',
      maxWorkers: workers,
      forkOpts: {
        serialization: 'advanced',
        // Tests run the sources themselves.
        execArgv: [`--max-old-space-size=${memory}`, ...(isSource ? ['--import', 'tsx'] : [])],
      },
    });
  }

  /**
   * Does one job in a process. A process that dies takes only its own job with it. Throws what the job throws, the signal's
   * reason where it is aborted (its process is ended), and `EnvironmentError` `proof.worker` where the process died.
   */
  async run<Name extends keyof Jobs>(
    name: Name,
    task: Task<Name>,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Result<Name>> {
    signal?.throwIfAborted();
    const running = this.#pool.exec(name, [task]);
    const cancel = (): void => void running.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    let outcome: Outcome<Result<Name>>;
    try {
      outcome = (await running) as Outcome<Result<Name>>;
    } catch (cause) {
      signal?.throwIfAborted();
      const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
      throw new EnvironmentError({
        code: 'proof.worker',
        message: `a worker failed: ${reason ?? ''}`,
        hint: 'what the others did is kept; if memory is short use fewer workers, then run the same command again',
        cause,
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    return unwrap(outcome);
  }

  /** Ends all processes, jobs that still run included. */
  async close(): Promise<void> {
    await this.#pool.terminate(true);
  }
}
