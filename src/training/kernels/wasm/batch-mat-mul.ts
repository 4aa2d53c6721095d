import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { BatchMatMul } from '@tensorflow/tfjs-core';

import { Composition } from '../compose.js';
import { wrappedKernel } from './kernel.js';

/**
 * Matrix product with explicit transposes before it: the backend's own product falls back to a loop that is ten times
 * slower when a transpose flag is set. a: … × m × k, b: … × k × n before their flags; float32.
 */
export function batchMatMulKernel(): KernelConfig {
  return wrappedKernel<
    { a: TensorInfo; b: TensorInfo },
    { transposeA: boolean; transposeB: boolean }
  >(
    BatchMatMul,
    (original) =>
      ({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend }) => {
        const compose = new Composition('wasm', backend);
        const inputs = {
          a: transposeA ? compose.transpose(a, lastTwoSwapped(a.shape.length)) : a,
          b: transposeB ? compose.transpose(b, lastTwoSwapped(b.shape.length)) : b,
        };
        const attrs = { transposeA: false, transposeB: false };
        return compose.finish(original({ inputs, attrs, backend }));
      },
  );
}

/** The permutation of `rank` axes that exchanges the last two. */
function lastTwoSwapped(rank: number): number[] {
  const axes = [...Array(rank).keys()];
  return [...axes.slice(0, -2), rank - 1, rank - 2];
}
