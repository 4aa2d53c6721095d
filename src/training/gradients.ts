import '@tensorflow/tfjs-layers'; // registers TensorFlow's own gradients

import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

import { channelKernels } from './kernels/wasm/channels.js';

let registered = false;

/**
 * Replaces, once, TensorFlow's gradient of ReLU by one that needs only its output, which the next layer keeps anyway, and takes
 * a single pass where the backend has a kernel for it.
 */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  tf.unregisterGradient(tf.Relu);
  tf.registerGradient({
    kernelName: tf.Relu,
    outputsToSave: [true],
    gradFunc: (dy, saved) => {
      const [y] = saved as [Tensor];
      return { x: () => rectify(dy as Tensor, y) };
    },
  });
}

function rectify(dy: Tensor, y: Tensor): Tensor {
  const kernel = tf.getKernel(channelKernels.rectify, tf.getBackend()) as unknown;
  return kernel !== undefined && y.size % 4 === 0
    ? tf.engine().runKernel(channelKernels.rectify, { dy, y })
    : tf.mul(dy, tf.step(y));
}
