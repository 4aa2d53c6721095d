import type { Worker } from 'node:worker_threads';

import { EnvironmentError, InputError } from '../base/index.js';
import { Barrier, barrierBytes } from './barrier.js';
import { exchangeBytes } from './exchange.js';
import type { Replies, Reply, Request, WorkerSetup } from './parallel-messages.js';
import { startThread } from './thread.js';

/** Who waits for an answer. */
interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly worker: Worker;
  /** In the order of the requests, which is that of the answers. */
  readonly waiting: Waiting[];
}

type CrewSetup = Omit<WorkerSetup, 'index' | 'barrier' | 'exchange'>;

/** The workers of a parallel engine: starts them, carries requests and answers, and ends them all when one dies. */
export class Crew {
  readonly #members: Member[];
  readonly #barrier: Barrier;
  /** Why nothing can be asked any more. */
  #over: EnvironmentError | undefined;

  private constructor(setup: CrewSetup) {
    const barrier = new SharedArrayBuffer(barrierBytes);
    const exchange = new SharedArrayBuffer(exchangeBytes(setup.workers));
    this.#barrier = new Barrier(barrier, setup.workers);
    this.#members = Array.from({ length: setup.workers }, (_, index) => {
      const worker = startThread('parallel-worker', { ...setup, index, barrier, exchange });
      const member: Member = { worker, waiting: [] };
      worker.on('message', (reply: Reply) => {
        settle(member, reply);
      });
      worker.on('error', (cause) => {
        this.#fail(`worker ${index} failed: ${String(cause)}`, cause);
      });
      worker.on('exit', (status) => {
        this.#fail(`worker ${index} stopped with status ${status}`);
      });
      return member;
    });
  }

  /** Starts the workers and gives them memory for their gradients. Throws like `createParallelEngine`. */
  static async start(setup: CrewSetup): Promise<Crew> {
    const crew = new Crew(setup);
    try {
      const sizes = await Promise.all(crew.#members.map((member) => crew.#answer<number>(member)));
      const floats = 2 * setup.workers * (sizes[0] ?? 0);
      const gradients = new SharedArrayBuffer(floats * Float32Array.BYTES_PER_ELEMENT);
      await crew.all(() => ({ kind: 'prepare', gradients }));
      return crew;
    } catch (error) {
      await crew.end();
      throw error;
    }
  }

  /** Asks one worker. */
  ask<R extends Request>(index: number, request: R): Promise<Replies[R['kind']]> {
    const member = this.#members[index];
    if (member === undefined) throw new RangeError(`there is no worker ${index}`);
    const answer = this.#answer<Replies[R['kind']]>(member);
    if (this.#over === undefined) member.worker.postMessage(request);
    return answer;
  }

  /** Asks every worker, each its own; the answers come in the order of the workers. */
  all<R extends Request>(request: (index: number) => R): Promise<Replies[R['kind']][]> {
    return Promise.all(this.#members.map((_, index) => this.ask(index, request(index))));
  }

  /** Ends every worker; whoever still waits for an answer gets an error. */
  async end(): Promise<void> {
    this.#fail('the engine is closed');
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  #answer<T>(member: Member): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#over === undefined) member.waiting.push({ resolve, reject });
      else reject(this.#over);
    });
  }

  /** The first failure counts: it frees the other workers and everyone who waits. */
  #fail(message: string, cause?: unknown): void {
    if (this.#over !== undefined) return;
    this.#over = new EnvironmentError({ code: 'engine.worker', message, cause });
    this.#barrier.break();
    for (const { worker, waiting } of this.#members) {
      for (const { reject } of waiting.splice(0)) reject(this.#over);
      void worker.terminate();
    }
  }
}

function settle({ waiting }: Member, reply: Reply): void {
  const next = waiting.shift();
  if (reply.ok) next?.resolve(reply.value as never);
  else next?.reject(new InputError(reply.error));
}
