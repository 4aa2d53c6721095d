import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { expect } from 'chai';

import { Barrier, barrierBytes } from '../../src/training/barrier.js';

const module = new URL('../../src/training/barrier.ts', import.meta.url).href;

/** Each thread says in every round how far it is and counts how often another one, after the barrier, is not as far. */
const script = `
  const { workerData: { memory, counts, index, threads, rounds }, parentPort } = require('node:worker_threads');
  import('tsx/esm/api').then(async ({ register }) => {
    register();
    const { Barrier } = await import('${module}');
    const barrier = new Barrier(memory, threads);
    const seen = new Int32Array(counts);
    let wrong = 0;
    for (let round = 1; round <= rounds; round++) {
      Atomics.store(seen, index, round);
      barrier.wait();
      for (let other = 0; other < threads; other++) if (Atomics.load(seen, other) < round) wrong += 1;
    }
    parentPort.postMessage(wrong);
  }).catch((error) => parentPort.postMessage(error.message));
`;

/** Starts the threads `index` … of a barrier of `threads`. */
function start({
  threads,
  rounds,
  indices = [...Array(threads).keys()],
  memory = new SharedArrayBuffer(barrierBytes),
}: {
  threads: number;
  rounds: number;
  indices?: number[];
  memory?: SharedArrayBuffer;
}): Worker[] {
  const counts = new SharedArrayBuffer(4 * threads);
  return indices.map((index) => {
    const workerData = { memory, counts, index, threads, rounds };
    return new Worker(script, { workerData, eval: true });
  });
}

describe('training/barrier', () => {
  it('lets nobody through before all are there, round after round', async function () {
    this.slow(5000);
    const workers = start({ threads: 4, rounds: 20_000 });
    const answers = await Promise.all(workers.map((worker) => once(worker, 'message')));
    expect(answers.flat()).to.deep.equal([0, 0, 0, 0]);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('is not passed by somebody who is woken for a round that is over', async () => {
    const memory = new SharedArrayBuffer(barrierBytes);
    const [worker] = start({ threads: 2, rounds: 1, indices: [0], memory });
    const answer = once(worker!, 'message');
    const cells = new Int32Array(memory);
    const woken = (): number =>
      cells.reduce((sum, _, cell) => sum + Atomics.notify(cells, cell), 0);
    while (woken() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const early = new Promise((resolve) => setTimeout(resolve, 100, 'still waits'));
    expect(await Promise.race([answer, early])).to.equal('still waits');
    new Barrier(memory, 2).wait();
    await answer;
    await worker!.terminate();
  });

  it('frees those who wait for somebody who will never come, and all later ones', async () => {
    const memory = new SharedArrayBuffer(barrierBytes);
    const [worker] = start({ threads: 2, rounds: 1, indices: [0], memory });
    const answer = once(worker!, 'message');
    const cells = new Int32Array(memory);
    while (Atomics.load(cells, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const barrier = new Barrier(memory, 2);
    barrier.break();
    expect(await answer).to.deep.equal(['another worker has stopped']);
    expect(() => {
      barrier.wait();
    }).to.throw('another worker has stopped');
    await worker!.terminate();
  });
});
