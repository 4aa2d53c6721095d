import type { PadV2Attrs, TensorInfo } from '@tensorflow/tfjs-core';
import { PadV2, util } from '@tensorflow/tfjs-core';

import type { KernelCall } from './kernel.js';
import { wasmKernel } from './kernel.js';

/** Constant padding, copied by whole runs of elements, where the backend's own kernel goes element by element. */
function pad({
  inputs: { x },
  attrs: { paddings, constantValue },
  backend,
}: KernelCall<{ x: TensorInfo }, PadV2Attrs>): TensorInfo {
  const shape = x.shape.map((length, axis) => {
    const [before, after] = paddings[axis] ?? [0, 0];
    return before + length + after;
  });
  const output = backend.makeOutput(shape, x.dtype);
  const from = backend.typedArrayFromHeap(x);
  const to = backend.typedArrayFromHeap(output).fill(constantValue);
  const strides = [...util.computeStrides(shape), 1];

  /** The last axis with padding: from there on, a run of the input stays a run. */
  const last = paddings.findLastIndex(([before, after]) => before + after > 0);
  const run = util.sizeFromShape(x.shape.slice(Math.max(last, 0)));
  let read = 0;
  const copy = (axis: number, offset: number): void => {
    const start = offset + (paddings[axis]?.[0] ?? 0) * (strides[axis] ?? 1);
    if (axis >= last) {
      to.set(from.subarray(read, (read += run)), start);
      return;
    }
    for (let i = 0; i < (x.shape[axis] ?? 0); i++) copy(axis + 1, start + i * (strides[axis] ?? 1));
  };
  if (from.length > 0) copy(0, 0);
  return output;
}

export const padKernel = wasmKernel(PadV2, pad);
