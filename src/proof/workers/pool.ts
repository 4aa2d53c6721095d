import { availableParallelism } from 'node:os';

import { EnvironmentError } from '../../base/index.js';
import { type Outcome, unwrap } from './outcome.js';
import { WorkerProcess } from './process.js';
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
 * threads: one that runs out of memory takes no other with it, one can be ended at once in the middle of a computation, and
 * ffjavascript does not load in a thread. Where this process ends without `close`, they end after the job at hand.
 */
export class WorkerPool {
  readonly workers: number;
  readonly #memory: number;
  readonly #all = new Set<WorkerProcess>();
  readonly #idle: WorkerProcess[] = [];
  readonly #ending = new Set<Promise<void>>();
  /** Jobs that wait for a process, first come first served. */
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor({ workers = availableParallelism(), memory = 4096 }: PoolOptions = {}) {
    this.workers = workers;
    this.#memory = memory;
  }

  /**
   * Does one job in a process. A process that dies takes only its own job with it. Throws what the job throws, the signal's
   * reason where it is aborted (the process is ended), and `EnvironmentError` `proof.worker` where the process died or the
   * pool is closed.
   */
  async run<Name extends keyof Jobs>(
    name: Name,
    task: Task<Name>,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Result<Name>> {
    const worker = await this.#take(signal);
    const end = (): void => {
      worker.kill();
    };
    signal?.addEventListener('abort', end, { once: true });
    try {
      signal?.throwIfAborted();
      const outcome = await worker.ask({ name, task });
      return unwrap(outcome as Outcome<Result<Name>>);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
      this.#giveBack(worker);
    }
  }

  /** Ends all processes, jobs that still run included, and waits until they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const next of this.#waiting.splice(0)) next();
    for (const worker of this.#all) this.#bury(worker);
    await Promise.all(this.#ending);
  }

  /** Makes room for another process, and remembers this one until it is gone. */
  #bury(worker: WorkerProcess): void {
    this.#all.delete(worker);
    const end: Promise<void> = worker.end().then(() => {
      this.#ending.delete(end);
    });
    this.#ending.add(end);
  }

  async #take(signal: AbortSignal | undefined): Promise<WorkerProcess> {
    for (;;) {
      if (this.#isClosed || signal?.aborted) {
        this.#waiting.shift()?.(); // who was woken and goes away wakes the next
        signal?.throwIfAborted();
        throw closed();
      }
      const idle = this.#idle.pop();
      if (idle?.isAlive) return idle;
      if (idle) this.#bury(idle);
      if (this.#all.size < this.workers) {
        const worker = new WorkerProcess({ memory: this.#memory });
        this.#all.add(worker);
        return worker;
      }
      await new Promise<void>((next) => this.#waiting.push(next));
    }
  }

  #giveBack(worker: WorkerProcess): void {
    if (worker.isAlive) this.#idle.push(worker);
    else this.#bury(worker);
    this.#waiting.shift()?.();
  }
}

function closed(): EnvironmentError {
  return new EnvironmentError({ code: 'proof.worker', message: 'the workers have been ended' });
}
