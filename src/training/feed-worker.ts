/** The thread of a feed: answers each request with a batch. */
import { parentPort, workerData } from 'node:worker_threads';

import { InputError } from '../base/index.js';
import { type BatchPlan, epochBatches, type MixedBatch } from './batches.js';
import { pictureSource } from './data/picture-source.js';
import type { FeedReply, FeedRequest, PostedPlan } from './feed.js';

const { task, ...rest } = workerData as PostedPlan;
const plan: BatchPlan = {
  ...rest,
  task: 'listing' in task ? pictureSource(task.listing) : task.images,
};
let batches: AsyncGenerator<MixedBatch> | undefined;

async function answer({ epoch, step }: FeedRequest): Promise<FeedReply> {
  if (step === 0) batches = epochBatches(plan, epoch);
  try {
    const next = await batches?.next();
    if (next?.done !== false) throw new RangeError(`epoch ${epoch} has no batch ${step}`);
    return { ok: true, batch: next.value };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, hint } = error;
    return { ok: false, error: { code, message, hint } };
  }
}

let last = Promise.resolve();
parentPort?.on('message', (request: FeedRequest) => {
  last = last.then(async () => {
    const reply = await answer(request);
    const transfer = reply.ok ? [reply.batch.pixels.buffer as ArrayBuffer] : [];
    parentPort?.postMessage(reply, transfer);
  });
});
