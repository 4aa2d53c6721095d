import type { Conv2DBackpropFilterAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { backend_util as backendUtil, Conv2DBackpropFilter } from '@tensorflow/tfjs-core';

import { Composition } from '../compose.js';
import { filterGradientProgram, planFilterGradient } from './filter-gradient-program.js';
import { wrappedKernel } from './kernel.js';

/**
 * Gradient of a convolution by its filter: a product of the matrix of patches, transposed, with dy, in slices of the
 * inner dimension that are then summed. The backend's own kernel has one thread a weight, each of which goes through the
 * whole batch alone.
 *
 * x: batch × height × width × channels, dy: batch × rows × columns × filters; float32, channels last. Other layouts go to
 * the backend's kernel.
 */
export function conv2dBackpropFilterKernel(): KernelConfig {
  return wrappedKernel<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>(
    Conv2DBackpropFilter,
    (original) => (call) => {
      const {
        inputs: { x, dy },
        attrs: { strides, pad, dataFormat, dimRoundingMode, filterShape },
        backend,
      } = call;
      if (dataFormat !== 'NHWC' || x.dtype !== 'float32') return original(call);
      const info = backendUtil.computeConv2DInfo(
        x.shape as [number, number, number, number],
        filterShape,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      const plan = planFilterGradient({
        elements: info.filterHeight * info.filterWidth * info.inChannels,
        filters: info.outChannels,
        positions: info.batchSize * info.outHeight * info.outWidth,
      });
      const inFours = info.inChannels % 4 === 0 && info.outChannels % 4 === 0;
      const compose = new Composition('webgpu', backend);
      const slices = compose.made(
        backend.runWebGPUProgram(filterGradientProgram(plan, { inFours }), [x, dy], 'float32', [
          { type: 'int32', data: [info.filterHeight, info.filterWidth] },
          { type: 'int32', data: [info.padInfo.top, info.padInfo.left] },
          { type: 'int32', data: [info.strideHeight, info.strideWidth] },
          { type: 'int32', data: [plan.slice] },
        ]),
      );
      const gradient =
        plan.slices === 1
          ? slices
          : compose.run('Sum', { x: slices }, { axis: [0], keepDims: false });
      return { ...compose.finish(gradient), shape: filterShape };
    },
  );
}
