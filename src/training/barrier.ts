/** Bytes of a barrier's shared memory. */
export const barrierBytes = 12;

const [arrived, round, broken] = [0, 1, 2];

/** Lets a fixed number of threads wait for each other. */
export class Barrier {
  readonly #cells: Int32Array;
  readonly #threads: number;

  constructor(memory: SharedArrayBuffer, threads: number) {
    this.#cells = new Int32Array(memory);
    this.#threads = threads;
  }

  /** Blocks until every thread has called it. Throws if the barrier was broken. */
  wait(): void {
    const now = Atomics.load(this.#cells, round);
    this.#check();
    if (Atomics.add(this.#cells, arrived, 1) === this.#threads - 1) {
      Atomics.store(this.#cells, arrived, 0);
      Atomics.add(this.#cells, round, 1);
      Atomics.notify(this.#cells, round);
    } else {
      // In a loop: the notice of the round before may come late, to a thread that waits in this one already.
      while (Atomics.load(this.#cells, round) === now) Atomics.wait(this.#cells, round, now);
    }
    this.#check();
  }

  /** Frees every waiting thread for good: for when one of them will never arrive. */
  break(): void {
    Atomics.store(this.#cells, broken, 1);
    Atomics.add(this.#cells, round, 1);
    Atomics.notify(this.#cells, round);
  }

  #check(): void {
    if (Atomics.load(this.#cells, broken) !== 0) throw new Error('another worker has stopped');
  }
}
