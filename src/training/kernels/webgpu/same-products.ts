import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { _FusedMatMul, BatchMatMul, Conv2D, env, FusedConv2D, util } from '@tensorflow/tfjs-core';

import { wrappedKernel } from './kernel.js';

const flag = 'WEBGPU_MATMUL_PROGRAM_TYPE';
/** TensorFlow's number of the program with small tiles, `MatMulSmallOutputSizeProgram`. */
const smallTiles = 2;
/** The inner dimension from which on TensorFlow splits it, */
const long = 2000;
/** where the result has at most so many tiles of 32 × 32 (8 or 16, and twice that for few rows), */
const few = 32;
/** but more than so many numbers. */
const tiny = 128;

/**
 * Products that give the same result each time. Where a small result has a long inner dimension, TensorFlow has workgroups
 * add their parts to it in the order in which they happen to end, and a sum of floats depends on the order. A run that is
 * resumed must end in the weights of one that never stopped, so these products take the program with small tiles instead.
 */
export function sameProductKernels(): KernelConfig[] {
  return [
    withoutSplitting(BatchMatMul, splitsMatrices),
    withoutSplitting(_FusedMatMul, splitsMatrices),
    withoutSplitting(Conv2D, splitsConvolution),
    withoutSplitting(FusedConv2D, splitsConvolution),
  ];
}

function withoutSplitting(
  kernelName: string,
  splits: (inputs: never, attrs: never) => boolean,
): KernelConfig {
  return wrappedKernel<never, never>(kernelName, (original) => (call) => {
    if (!splits(call.inputs, call.attrs)) return original(call);
    const before = env().getNumber(flag);
    env().set(flag, smallTiles);
    try {
      return original(call);
    } finally {
      env().set(flag, before);
    }
  });
}

function splitsMatrices(
  { a, b }: { a: TensorInfo; b: TensorInfo },
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): boolean {
  const [rowsOfA = 1, columnsOfA = 1] = a.shape.slice(-2);
  const [rowsOfB = 1, columnsOfB = 1] = b.shape.slice(-2);
  const [rows, inner] = transposeA ? [columnsOfA, rowsOfA] : [rowsOfA, columnsOfA];
  const columns = transposeB ? rowsOfB : columnsOfB;
  const single = [a, b].every(({ shape }) => util.sizeFromShape(shape.slice(0, -2)) === 1);
  const tiles = Math.ceil(rows / 32) * Math.ceil(columns / 32);
  return single && inner >= long && tiles <= few && rows * columns > tiny;
}

/** A convolution of one image, or with a filter as large as the image, is one product; others are one for each image. */
function splitsConvolution({ x, filter }: { x: TensorInfo; filter: TensorInfo }): boolean {
  const [batch, height, width] = x.shape;
  const [filterHeight, filterWidth] = filter.shape;
  const single = batch === 1 || (height === filterHeight && width === filterWidth);
  return single && util.sizeFromShape(filter.shape.slice(0, 3)) >= long;
}
