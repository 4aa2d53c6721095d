import type { Worker } from 'node:worker_threads';

import { EnvironmentError, type ErrorDetails, InputError } from '../base/index.js';
import {
  type BatchPlan,
  epochBatches,
  type MixedBatch,
  stepsPerEpoch,
  type TaskImages,
} from './batches.js';
import type { PictureListing } from './data/picture-source.js';
import { startThread } from './thread.js';

/** Batches kept ready ahead of the one that is learnt from. */
const ahead = 4;

/** Where training gets its batches from. */
export interface BatchFeed {
  /** The batches of `epochBatches`. */
  epoch(epoch: number): AsyncIterable<MixedBatch>;
  close(): Promise<void>;
}

/** A plan that can be posted to a thread. */
export type PostedPlan = Omit<BatchPlan, 'task'> & {
  readonly task: { readonly listing: PictureListing } | { readonly images: TaskImages };
};

/** Asks for a batch; the steps of an epoch in order. */
export interface FeedRequest {
  readonly epoch: number;
  readonly step: number;
}

/** What the thread answers to each request for the next batch of an epoch. */
export type FeedReply =
  | { readonly ok: true; readonly batch: MixedBatch }
  | { readonly ok: false; readonly error: ErrorDetails };

/**
 * A feed that reads, decodes and augments in a thread of its own while training computes; images in memory that are taken as
 * they are need none. Either way the batches are the same.
 */
export function startFeed(plan: BatchPlan): BatchFeed {
  if ('pixels' in plan.task && plan.augmentation === undefined) {
    return { epoch: (epoch) => epochBatches(plan, epoch), close: () => Promise.resolve() };
  }
  return new ThreadFeed(plan);
}

class ThreadFeed implements BatchFeed {
  readonly #worker: Worker;
  readonly #steps: number;
  readonly #waiting: { resolve: (batch: MixedBatch) => void; reject: (error: Error) => void }[] =
    [];
  #over: Error | undefined;

  constructor(plan: BatchPlan) {
    this.#steps = stepsPerEpoch(plan.task.labels.length, plan.batchSize);
    const { task } = plan;
    const posted = 'listing' in task ? { listing: task.listing } : { images: task };
    this.#worker = startThread('feed-worker', { ...plan, task: posted } satisfies PostedPlan);
    this.#worker.on('message', (reply: FeedReply) => {
      const next = this.#waiting.shift();
      if (reply.ok) next?.resolve(reply.batch);
      else next?.reject(new InputError(reply.error));
    });
    this.#worker.on('error', (cause) => {
      this.#fail(`the thread that prepares batches failed: ${String(cause)}`, cause);
    });
    this.#worker.on('exit', (status) => {
      this.#fail(`the thread that prepares batches stopped with status ${status}`);
    });
  }

  async *epoch(epoch: number): AsyncGenerator<MixedBatch> {
    const ready: Promise<MixedBatch>[] = [];
    let asked = 0;
    for (let step = 0; step < this.#steps; step++) {
      while (ready.length < Math.min(ahead, this.#steps - step))
        ready.push(this.#ask({ epoch, step: asked++ }));
      const batch = ready.shift();
      if (batch !== undefined) yield await batch;
    }
  }

  async close(): Promise<void> {
    this.#fail('the feed is closed');
    await this.#worker.terminate();
  }

  #ask(request: FeedRequest): Promise<MixedBatch> {
    const batch = new Promise<MixedBatch>((resolve, reject) => {
      if (this.#over) reject(this.#over);
      else this.#waiting.push({ resolve, reject });
    });
    batch.catch(() => undefined); // whoever stops in the middle of an epoch never looks at those ahead
    if (this.#over === undefined) this.#worker.postMessage(request);
    return batch;
  }

  #fail(message: string, cause?: unknown): void {
    this.#over ??= new EnvironmentError({ code: 'training.feed', message, cause });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
  }
}
