import type { CastAttrs, KernelConfig, SliceAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { Cast, Identity, Slice, slice_util as sliceUtil, util } from '@tensorflow/tfjs-core';

import type { KernelCall } from './kernel.js';
import { wasmKernel, wrappedKernel } from './kernel.js';

/** A second name for the same data, where the backend's own kernel copies them. */
function identity({ inputs: { x }, backend }: KernelCall<{ x: TensorInfo }, unknown>): TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

export const identityKernel = wasmKernel(Identity, identity);

/** No copy when the type stays. */
export function castKernel(): KernelConfig {
  return wrappedKernel<{ x: TensorInfo }, CastAttrs>(
    Cast,
    (original) => (call) =>
      call.attrs.dtype === call.inputs.x.dtype ? identity(call) : original(call),
  );
}

/** A contiguous slice copied straight away, where the backend's own kernel first copies the whole tensor. */
export function sliceKernel(): KernelConfig {
  return wrappedKernel<{ x: TensorInfo }, SliceAttrs>(Slice, (original) => (call) => {
    const {
      inputs: { x },
      backend,
    } = call;
    const [begin = [], size = []] = sliceUtil.parseSliceParams(
      x,
      call.attrs.begin,
      call.attrs.size,
    );
    if (x.dtype === 'string' || !sliceUtil.isSliceContinous(x.shape, begin, size)) {
      return original(call);
    }
    const start = sliceUtil.computeFlatOffset(begin, util.computeStrides(x.shape));
    const output = backend.makeOutput(size, x.dtype);
    const part = backend.typedArrayFromHeap(x).subarray(start, start + util.sizeFromShape(size));
    backend.typedArrayFromHeap(output).set(part);
    return output;
  });
}
