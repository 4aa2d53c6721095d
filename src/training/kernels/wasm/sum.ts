import type { KernelConfig, SumAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { Sum, util } from '@tensorflow/tfjs-core';

import { Composition } from '../compose.js';
import { wrappedKernel } from './kernel.js';

/** Smallest tensor, in elements, for which pooling pays. */
const large = 4096;

/**
 * Sum over all axes but the last (the gradient of a bias), as average pooling over each image and then over the batch:
 * the backend's own kernel first transposes the whole tensor. Other sums go to the backend's kernel.
 */
export function sumKernel(): KernelConfig {
  return wrappedKernel<{ x: TensorInfo }, SumAttrs>(Sum, (original) => (call) => {
    const {
      inputs: { x },
      attrs: { axis, keepDims },
      backend,
    } = call;
    const rank = x.shape.length;
    const axes = util.parseAxisParam(axis, x.shape);
    const allButLast = axes.length === rank - 1 && !axes.includes(rank - 1);
    const size = util.sizeFromShape(x.shape);
    if (!allButLast || keepDims || x.dtype !== 'float32' || size < large) return original(call);

    const batch = x.shape[0] ?? 1;
    const channels = x.shape[rank - 1] ?? 1;
    const pixels = size / (batch * channels);
    const compose = new Composition('wasm', backend);
    const average = (images: TensorInfo, filterSize: [number, number]): TensorInfo =>
      compose.run('AvgPool', { x: images }, { filterSize, strides: filterSize, pad: 'valid' });
    const byImage = average(compose.reshape(x, [1, batch * pixels, 1, channels]), [pixels, 1]);
    const mean = average(byImage, [batch, 1]);
    const sums = backend.typedArrayFromHeap(mean);
    sums.forEach((value, c) => {
      sums[c] = value * batch * pixels;
    });
    return { ...compose.finish(mean), shape: [channels] };
  });
}
