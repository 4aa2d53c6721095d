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
