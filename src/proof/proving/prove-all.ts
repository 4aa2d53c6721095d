import { setMaxListeners } from 'node:events';

import { EnvironmentError } from '../../base/index.js';
import type { ProvingKey } from '../keys/key-folder.js';
import type { WorkerPool } from '../workers/pool.js';
import type { Proved } from './prove.js';
import type { CircuitInputs } from './witness.js';

export interface ProveAllOptions {
  readonly pool: WorkerPool;
  readonly key: ProvingKey;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Called with each proof as soon as it is there: what a run that fails later has already done. */
  readonly onProof?: ((proved: Proved, place: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Proves many statements of one circuit, as many at a time as the pool has processes. When one fails the others in the
 * queue are given up; those that are done have been passed to `onProof`. Throws as `WorkerPool.run` and `prove` do.
 */
export async function proveAll(
  statements: readonly CircuitInputs[],
  { pool, key, onProgress, onProof, signal }: ProveAllOptions,
): Promise<Proved[]> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  setMaxListeners(0, either); // one for each process
  let done = 0;
  const task = { wasm: key.circuit.wasm, zkey: key.zkey };
  try {
    return await Promise.all(
      statements.map(async (inputs, place) => {
        const proved = await pool.run('prove', { ...task, inputs }, { signal: either });
        onProof?.(proved, place);
        onProgress?.(++done);
        return proved;
      }),
    );
  } catch (error) {
    stop.abort(error);
    throw error;
  }
}

/**
 * The same, but a process that dies costs only the proof it was at: what is missing is tried again, twice at most. Gives the
 * proofs in order. Throws as `proveAll` does.
 */
export async function proveStubbornly(
  statements: readonly CircuitInputs[],
  options: ProveAllOptions,
): Promise<Proved[]> {
  const done = new Map<number, Proved>();
  for (let attempt = 0; ; attempt++) {
    const missing = statements.flatMap((inputs, place) =>
      done.has(place) ? [] : [{ inputs, place }],
    );
    try {
      await proveAll(
        missing.map(({ inputs }) => inputs),
        {
          ...options,
          onProgress: undefined,
          onProof: (proved, at) => {
            const place = missing[at]?.place ?? 0;
            done.set(place, proved);
            options.onProof?.(proved, place);
            options.onProgress?.(done.size);
          },
        },
      );
      return statements.flatMap((_, place) => done.get(place) ?? []);
    } catch (error) {
      const isDeath = error instanceof EnvironmentError && error.code === 'proof.worker';
      if (!isDeath || attempt === 2) throw error;
    }
  }
}
