import type { Barrier } from './barrier.js';
import type { AllReduce } from './models/all-reduce.js';

/** Most numbers that a worker hands over at once: 32,767 channels of a batch normalisation. */
const capacity = 2 ** 16;

/** Bytes of the shared memory: two sets of vectors, which take turns, so that none is overwritten before all have read it. */
export function exchangeBytes(workers: number): number {
  return 2 * workers * capacity * Float32Array.BYTES_PER_ELEMENT;
}

/** Hands vectors from each worker to all others, in the middle of a step. */
export class Exchange implements AllReduce {
  readonly replicas: number;
  /** Whether this worker has no images in this step: then its vectors count as zeros. */
  isMute = false;
  readonly #index: number;
  readonly #memory: Float32Array;
  readonly #barrier: Barrier;
  #turn = 0;

  constructor(
    { index, workers, exchange }: { index: number; workers: number; exchange: SharedArrayBuffer },
    barrier: Barrier,
  ) {
    this.replicas = workers;
    this.#index = index;
    this.#memory = new Float32Array(exchange);
    this.#barrier = barrier;
  }

  gather(own: Float32Array): readonly Float32Array[] {
    if (own.length > capacity) throw new RangeError(`${own.length} numbers are too many to share`);
    const rows = Array.from({ length: this.replicas }, (_, worker) => {
      const start = ((this.#turn % 2) * this.replicas + worker) * capacity;
      return this.#memory.subarray(start, start + own.length);
    });
    if (this.isMute) rows[this.#index]?.fill(0);
    else rows[this.#index]?.set(own);
    this.#turn += 1;
    this.#barrier.wait();
    return rows;
  }
}
