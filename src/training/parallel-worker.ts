/** One worker of the parallel engine: a replica of the network, stepped together with all others. */
import { parentPort, workerData } from 'node:worker_threads';

import * as tf from '@tensorflow/tfjs-core';

import { InputError } from '../base/index.js';
import { buildModel } from './architectures.js';
import { selectBackend } from './backend.js';
import { Barrier } from './barrier.js';
import { classified } from './engine-batch.js';
import { checkState } from './engine-state.js';
import type { StepResult } from './engine.js';
import { createOptimizer } from './optimizer.js';
import type { Replies, Reply, Request, WorkerSetup } from './parallel-messages.js';
import { createTrainer } from './trainer.js';

const setup = workerData as WorkerSetup;
const barrier = new Barrier(setup.barrier, setup.workers);
let gradients: Float32Array = new Float32Array(0);
let steps = 0;

async function start() {
  await selectBackend('wasm');
  const trainer = createTrainer(await buildModel(setup.spec, setup.seed), setup.spec);
  return { trainer, optimizer: createOptimizer(setup.optimizer, trainer.size) };
}

const replica = start();

/** The part's own gradient goes to shared memory; then every worker sums all of them in the same order. */
async function step({
  part,
  total,
  learningRate,
}: Extract<Request, { kind: 'step' }>): Promise<StepResult> {
  const { trainer, optimizer } = await replica;
  const { size } = trainer;
  const row = (worker: number): Float32Array =>
    gradients.subarray(((steps % 2) * setup.workers + worker) * size).subarray(0, size);

  let result: StepResult = { loss: 0, correct: new Uint8Array(0) };
  if (part.count === 0) {
    row(setup.index).fill(0);
  } else {
    const { loss, gradient, logits } = trainer.gradient(part, total);
    row(setup.index).set(gradient.dataSync<'float32'>());
    result = {
      loss: loss.dataSync<'float32'>()[0] ?? NaN,
      correct: classified(logits.dataSync<'float32'>(), part.labels),
    };
    for (const tensor of [loss, gradient, logits]) tensor.dispose();
  }
  barrier.wait();
  const sum = row(0).slice();
  for (let worker = 1; worker < setup.workers; worker++) {
    const other = row(worker);
    for (let i = 0; i < size; i++) sum[i] = (sum[i] ?? 0) + (other[i] ?? 0);
  }
  steps += 1;
  const gradient = tf.tensor1d(sum);
  trainer.update((weights) => optimizer.update(weights, gradient, learningRate));
  gradient.dispose();
  return result;
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

let last = reply(async () => (await replica).trainer.size);
parentPort?.on('message', (request: Request) => {
  last = last.then(() => reply(() => answer(request)));
});
