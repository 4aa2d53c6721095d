/** One worker of the parallel engine: a replica of the network, stepped together with all others. */
import { parentPort, workerData } from 'node:worker_threads';

import * as tf from '@tensorflow/tfjs-core';

import { InputError, sizeOf } from '../base/index.js';
import { selectBackend } from './backend.js';
import { Barrier } from './barrier.js';
import { classified } from './engine-batch.js';
import { checkState } from './engine-state.js';
import { Exchange } from './exchange.js';
import { buildModel } from './models/build.js';
import type { Batch, StepResult } from './engine.js';
import { createOptimizer } from './optimizer.js';
import type { Replies, Reply, Request, WorkerSetup } from './parallel-messages.js';
import { createTrainer } from './trainer.js';

const setup = workerData as WorkerSetup;
const barrier = new Barrier(setup.barrier, setup.workers);
const exchange = new Exchange(setup, barrier);
let gradients: Float32Array = new Float32Array(0);
let steps = 0;

async function start() {
  await selectBackend('wasm');
  const model = await buildModel(setup.spec, setup.seed);
  const trainer = createTrainer(model, { ...setup, reduce: exchange });
  return { trainer, optimizer: createOptimizer(setup.optimizer, trainer.size) };
}

const replica = start();

/** Shared memory of one worker's gradient; two sets take turns, so that none is overwritten before all have read it. */
function row(worker: number, size: number): Float32Array {
  const start = ((steps % 2) * setup.workers + worker) * size;
  return gradients.subarray(start, start + size);
}

/** Puts the gradient of this worker's part into shared memory. */
async function step({ part, ...where }: Extract<Request, { kind: 'step' }>): Promise<StepResult> {
  const { trainer } = await replica;
  const own = row(setup.index, trainer.size);
  // Without images of its own a worker goes the same way with a black one that counts for nothing: the others wait for it.
  const isEmpty = part.count === 0;
  exchange.isMute = isEmpty;
  const { loss, gradient, logits } = trainer.gradient(isEmpty ? blank() : part, where);
  own.set(gradient.dataSync<'float32'>());
  const result = {
    loss: loss.dataSync<'float32'>()[0] ?? NaN,
    correct: classified(logits.dataSync<'float32'>(), part.labels),
  };
  for (const tensor of [loss, gradient, logits]) tensor.dispose();
  if (!isEmpty) return result;
  own.fill(0);
  return { loss: 0, correct: new Uint8Array(0) };
}

function blank(): Batch {
  return { pixels: new Uint8Array(sizeOf(setup.spec.shape)), labels: Int32Array.of(0), count: 1 };
}

/** The second half of a step: every worker sums all gradients in the same order and updates its weights by them. */
async function update(learningRate: number): Promise<void> {
  const { trainer, optimizer } = await replica;
  barrier.wait();
  const sum = row(0, trainer.size).slice();
  for (let worker = 1; worker < setup.workers; worker++) {
    const other = row(worker, trainer.size);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (other[i] ?? 0);
  }
  steps += 1;
  const gradient = tf.tensor1d(sum);
  trainer.update((weights) => optimizer.update(weights, gradient, learningRate));
  gradient.dispose();
}

async function answer(request: Request): Promise<Replies[Request['kind']]> {
  const { trainer, optimizer } = await replica;
  switch (request.kind) {
    case 'prepare':
      gradients = new Float32Array(request.gradients);
      return null;
    case 'step':
      return step(request);
    case 'predict':
      return trainer.predict(request.pixels, request.count);
    case 'state':
      return { weights: await trainer.weights(), optimizer: await optimizer.state() };
    case 'restore':
      checkState(request.state, { weights: trainer.slots, optimizer: optimizer.slots });
      trainer.restore(request.state.weights);
      optimizer.restore(request.state.optimizer);
      return null;
    case 'pixelGradient':
      return request.part.count === 0 ? new Float32Array(0) : trainer.pixelGradient(request.part);
    case 'load':
      checkState({ ...request, optimizer: [] }, { weights: trainer.slots, optimizer: [] });
      trainer.restore(request.weights);
      optimizer.reset();
      return null;
    default:
      return request satisfies never;
  }
}

/** Sends what `work` gives, or the `InputError` that it throws. */
async function reply(work: () => Promise<Replies[Request['kind']] | number>): Promise<void> {
  let message: Reply;
  try {
    message = { ok: true, value: await work() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message: text, hint } = error;
    message = { ok: false, error: { code, message: text, hint } };
  }
  parentPort?.postMessage(message);
}

/** Answers a step before its update, so that the next batch arrives meanwhile. */
async function serve(request: Request): Promise<void> {
  await reply(() => answer(request));
  if (request.kind === 'step') await update(request.learningRate);
}

let last = reply(async () => (await replica).trainer.size);
parentPort?.on('message', (request: Request) => {
  last = last.then(() => serve(request));
});
