import { curves } from 'snarkjs';

/**
 * Runs work that uses snarkjs, which keeps threads for its curve arithmetic, and ends those threads: a process that used
 * snarkjs would otherwise never end.
 */
export async function withSnarkjs<T>(work: () => Promise<T>): Promise<T> {
  const curve = await curves.getCurveFromName('bn128');
  try {
    return await work();
  } finally {
    await curve.terminate();
  }
}
