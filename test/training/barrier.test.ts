import { Worker } from 'node:worker_threads';

import { expect } from 'chai';

import { Barrier, barrierBytes } from '../../src/training/barrier.js';

/** A thread that waits once at a barrier of two, says so before, and again when it is through. */
const waiter = `
  const { parentPort, workerData } = require('node:worker_threads');
  import('tsx/esm/api').then(async ({ register }) => {
    register();
    const { Barrier } = await import(workerData.module);
    const barrier = new Barrier(workerData.memory, 2);
    parentPort.postMessage('waits');
    try {
      barrier.wait();
      parentPort.postMessage('passed');
    } catch (error) {
      parentPort.postMessage(error.message);
    }
  });`;

function start(memory: SharedArrayBuffer): {
  said: string[];
  says: (word: RegExp) => Promise<void>;
  end: () => Promise<number>;
} {
  const module = new URL('../../src/training/barrier.ts', import.meta.url).href;
  const worker = new Worker(waiter, { eval: true, workerData: { memory, module } });
  const said: string[] = [];
  worker.on('message', (word: string) => said.push(word));
  const says = async (word: RegExp): Promise<void> => {
    while (!said.some((each) => word.test(each))) await pause(5);
  };
  return { said, says, end: () => worker.terminate() };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('training/barrier', () => {
  it('lets nobody through on a late notice of the round before', async () => {
    const memory = new SharedArrayBuffer(barrierBytes);
    const cells = new Int32Array(memory);
    const thread = start(memory);
    await thread.says(/waits/);
    while (Atomics.load(cells, 0) === 0) await pause(5);
    await pause(50);
    for (let i = 0; i < 20; i++) {
      Atomics.notify(cells, 1);
      await pause(2);
    }
    expect(thread.said).to.deep.equal(['waits']);
    new Barrier(memory, 2).wait();
    await thread.says(/passed/);
    await thread.end();
  });

  it('frees those who wait when it is broken', async () => {
    const memory = new SharedArrayBuffer(barrierBytes);
    const thread = start(memory);
    await thread.says(/waits/);
    await pause(50);
    new Barrier(memory, 2).break();
    await thread.says(/another worker has stopped/);
    await thread.end();
  });
});
