import type { Conv2DBackpropFilterAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { backend_util as backendUtil, Conv2DBackpropFilter, util } from '@tensorflow/tfjs-core';

import { Composition } from '../compose.js';
import type { KernelCall } from './kernel.js';
import { wasmKernel } from './kernel.js';

/**
 * Elements of dy handled at once. The backend copies and rearranges what it takes for a filter, at several times the
 * speed when all of it stays in the processor's cache.
 */
const partSize = 2 ** 17;

/**
 * Gradient of a convolution by its filter: one convolution of the transposed input with the transposed output gradient.
 * `dW[a, b, c, k] = Σ x[n, i·s + a − top, j·s + b − left, c] · dy[n, i, j, k]`, so the input's channels take the place of
 * the batch, the batch that of the channels, the output gradient is the filter, and the stride becomes its dilation.
 *
 * x: batch × height × width × channels, dy: batch × rows × columns × filters; float32, channels last.
 */
function conv2dBackpropFilter({
  inputs: { x, dy },
  attrs: { strides, pad, dataFormat, dimRoundingMode, filterShape },
  backend,
}: KernelCall<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>): TensorInfo {
  const info = backendUtil.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    backendUtil.convertConv2DDataFormat(dataFormat),
  );
  const { inHeight, inWidth, strideHeight, strideWidth, padInfo } = info;
  /** Padding at the far edge that makes the result exactly the filter's size; below zero: rows that nothing read. */
  const bottom = (info.outHeight - 1) * strideHeight + info.filterHeight - inHeight - padInfo.top;
  const right = (info.outWidth - 1) * strideWidth + info.filterWidth - inWidth - padInfo.left;

  const images = Math.ceil(info.batchSize / Math.ceil(util.sizeFromShape(dy.shape) / partSize));

  const compose = new Composition('wasm', backend);
  let gradient: TensorInfo | undefined;
  for (let start = 0; start < info.batchSize; start += images) {
    const count = Math.min(images, info.batchSize - start);
    const part = (whole: TensorInfo): TensorInfo =>
      compose.slice(whole, [start, 0, 0, 0], [count, ...whole.shape.slice(1)]);
    const read = compose.slice(
      compose.transpose(part(x), [3, 1, 2, 0]),
      [0, 0, 0, 0],
      [info.inChannels, inHeight + Math.min(bottom, 0), inWidth + Math.min(right, 0), count],
    );
    const partial = compose.conv2d(
      read,
      compose.transpose(part(dy), [1, 2, 0, 3]),
      [
        [padInfo.top, Math.max(bottom, 0)],
        [padInfo.left, Math.max(right, 0)],
      ],
      [strideHeight, strideWidth],
    );
    gradient = gradient ? compose.run('Add', { a: gradient, b: partial }) : partial;
  }
  if (gradient === undefined) throw new RangeError('a convolution of no images has no gradient');
  return compose.finish(compose.transpose(gradient, [1, 2, 0, 3]));
}

export const conv2dBackpropFilterKernel = wasmKernel(Conv2DBackpropFilter, conv2dBackpropFilter);
