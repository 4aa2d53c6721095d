import '@tensorflow/tfjs-backend-wasm';

import type {
  Conv2DBackpropFilterAttrs,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import {
  backend_util as backendUtil,
  Conv2DBackpropFilter,
  registerKernel,
  setBackend,
} from '@tensorflow/tfjs-core';

import { Composition } from '../src/training/kernels/compose.js';
import type { KernelCall } from '../src/training/kernels/wasm/kernel.js';
import { wasmKernel } from '../src/training/kernels/wasm/kernel.js';

/**
 * Starts TensorFlow's wasm backend as it comes, with only the kernel that it lacks added in the obvious way: one matrix
 * product for each tap of the filter. What the benchmark compares veilmark's kernels with.
 */
export async function startNaiveWasm(): Promise<void> {
  registerKernel(wasmKernel(Conv2DBackpropFilter, filterGradient));
  await setBackend('wasm');
}

function filterGradient({
  inputs: { x, dy },
  attrs: { strides, pad, filterShape },
  backend,
}: KernelCall<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>): TensorInfo {
  const info = backendUtil.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
  );
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  const pixels = batchSize * outHeight * outWidth;
  const compose = new Composition('wasm', backend);
  const padded = compose.pad(x, [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ]);
  const b = compose.reshape(dy, [1, pixels, info.outChannels]);
  const taps: TensorInfo[] = [];
  for (let row = 0; row < info.filterHeight; row++) {
    for (let column = 0; column < info.filterWidth; column++) {
      const window = compose.run(
        'StridedSlice',
        { x: padded },
        {
          begin: [0, row, column, 0],
          end: [
            batchSize,
            row + (outHeight - 1) * strideHeight + 1,
            column + (outWidth - 1) * strideWidth + 1,
            info.inChannels,
          ],
          strides: [1, strideHeight, strideWidth, 1],
          beginMask: 0,
          endMask: 0,
          ellipsisMask: 0,
          newAxisMask: 0,
          shrinkAxisMask: 0,
        },
      );
      const a = compose.reshape(window, [1, pixels, info.inChannels]);
      taps.push(compose.run('BatchMatMul', { a, b }, { transposeA: true, transposeB: false }));
    }
  }
  const gradient = compose.run('Concat', taps as unknown as NamedTensorInfoMap, { axis: 0 });
  return { ...compose.finish(gradient), shape: filterShape };
}
