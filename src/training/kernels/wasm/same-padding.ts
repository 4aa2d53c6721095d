import type { Conv2DAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import {
  backend_util as backendUtil,
  Conv2D,
  DepthwiseConv2dNative,
  FusedConv2D,
  FusedDepthwiseConv2D,
} from '@tensorflow/tfjs-core';

import { wrappedKernel } from './kernel.js';

/**
 * Convolutions with `same` padding spelled out: the backend computes it wrongly where the stride is larger than the filter
 * and some input is never read, and then reads outside the input.
 */
export function samePaddingKernels(): KernelConfig[] {
  return [
    explicitPadding(Conv2D, false),
    explicitPadding(FusedConv2D, false),
    explicitPadding(DepthwiseConv2dNative, true),
    explicitPadding(FusedDepthwiseConv2D, true),
  ];
}

function explicitPadding(kernelName: string, depthwise: boolean): KernelConfig {
  return wrappedKernel<{ x: TensorInfo; filter: TensorInfo }, Conv2DAttrs>(
    kernelName,
    (original) => (call) => {
      const { strides, pad, dilations, dimRoundingMode } = call.attrs;
      if (pad !== 'same') return original(call);
      const { padInfo } = backendUtil.computeConv2DInfo(
        call.inputs.x.shape as [number, number, number, number],
        call.inputs.filter.shape as [number, number, number, number],
        strides,
        dilations,
        pad,
        dimRoundingMode,
        depthwise,
      );
      const rows: [number, number] = [padInfo.top, padInfo.bottom];
      const columns: [number, number] = [padInfo.left, padInfo.right];
      const explicit: Conv2DAttrs['pad'] = [[0, 0], rows, columns, [0, 0]];
      return original({ ...call, attrs: { ...call.attrs, pad: explicit } });
    },
  );
}
