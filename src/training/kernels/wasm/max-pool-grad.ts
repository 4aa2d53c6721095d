import type { MaxPoolGradAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { backend_util as backendUtil, MaxPoolGrad } from '@tensorflow/tfjs-core';

import type { KernelCall } from './kernel.js';
import { wasmKernel } from './kernel.js';

/**
 * Gradient of max pooling: each output's gradient goes to the first largest input of its window. The backend's own kernel
 * scans, for every input, all windows that hold it.
 *
 * A branch on the inputs would be mispredicted half the time, so the inputs are compared as integers of the same order
 * and the difference's sign selects (Hacker's Delight, section 2-12). Windows of four, the usual ones, go without a loop.
 *
 * input: batch × height × width × channels, dy: batch × rows × columns × channels; float32.
 */
function maxPoolGrad({
  inputs: { dy, input },
  attrs: { filterSize, strides, pad, dimRoundingMode },
  backend,
}: KernelCall<{ dy: TensorInfo; input: TensorInfo }, MaxPoolGradAttrs>): TensorInfo {
  const info = backendUtil.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { inHeight, inWidth, inChannels: channels } = info;
  const output = backend.makeOutput(input.shape, 'float32');
  const x = backend.typedArrayFromHeap(input);
  const bits = new Int32Array(x.buffer, x.byteOffset, x.length);
  const gradient = backend.typedArrayFromHeap(dy);
  const dx = backend.typedArrayFromHeap(output).fill(0);

  /** Where each input of the current window starts. */
  const window = new Int32Array(info.filterHeight * info.filterWidth);
  let from = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let row = 0; row < info.outHeight; row++) {
      const top = row * info.strideHeight - info.padInfo.top;
      const endRow = Math.min(top + info.filterHeight, inHeight);
      for (let column = 0; column < info.outWidth; column++) {
        const left = column * info.strideWidth - info.padInfo.left;
        const endColumn = Math.min(left + info.filterWidth, inWidth);
        let size = 0;
        for (let i = Math.max(top, 0); i < endRow; i++) {
          for (let j = Math.max(left, 0); j < endColumn; j++) {
            window[size++] = ((n * inHeight + i) * inWidth + j) * channels;
          }
        }
        const first = window[0] ?? 0;
        if (size === 4) {
          const [second, third, fourth] = [window[1] ?? 0, window[2] ?? 0, window[3] ?? 0];
          for (let c = 0; c < channels; c++, from++) {
            const above = larger(bits, first + c, second + c);
            const best = larger(bits, above, larger(bits, third + c, fourth + c));
            dx[best] = (dx[best] ?? 0) + (gradient[from] ?? 0);
          }
          continue;
        }
        for (let c = 0; c < channels; c++, from++) {
          let best = first + c;
          for (let k = 1; k < size; k++) best = larger(bits, best, (window[k] ?? 0) + c);
          dx[best] = (dx[best] ?? 0) + (gradient[from] ?? 0);
        }
      }
    }
  }
  return output;
}

/** The place, `i` or `j`, of the larger float32; `i` if they are equal. */
function larger(bits: Int32Array, i: number, j: number): number {
  return i ^ ((i ^ j) & lessThan(bits[i] ?? 0, bits[j] ?? 0));
}

/** −1 if the float32 of bits `a` is less than that of bits `b`, else 0. */
function lessThan(a: number, b: number): number {
  if ((a | b) >= 0) return (a - b) >> 31; // neither is negative, as after a ReLU: always or never, so predicted
  const x = ordered(a);
  const y = ordered(b);
  const difference = (x - y) | 0;
  return (difference ^ ((x ^ y) & (difference ^ x))) >> 31; // also where x − y overflows
}

/** An integer that is to others as the float32 of these bits is to theirs; both zeros give 0. */
function ordered(bits: number): number {
  const sign = bits >> 31;
  return ((bits & 0x7fffffff) ^ sign) - sign;
}

export const maxPoolGradKernel = wasmKernel(MaxPoolGrad, maxPoolGrad);
