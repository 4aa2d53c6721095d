import type {
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  FusedConv2DAttrs,
  KernelConfig,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import {
  backend_util as backendUtil,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  FusedConv2D,
} from '@tensorflow/tfjs-core';

import { Composition } from '../compose.js';
import { runConvolution } from './convolution-task.js';
import { wrappedKernel } from './kernel.js';

type Info = backendUtil.Conv2DInfo;
type Shape4D = [number, number, number, number];
type Attributes = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode' | 'dataFormat'>;

/**
 * Convolutions with 3 × 3 taps and stride 1 and their gradients by tiles (assembly/convolution.ts), two to nine times as fast
 * as the backend's; gradients by other filters by rows. Whatever fits neither goes to the kernels that were there before.
 */
export function assembledConvolutions(): KernelConfig[] {
  return [convolution(), fusedConvolution(), inputGradient(), filterGradient()];
}

function infoOf(x: number[], filter: number[], attrs: Attributes, dilations: Dilations = 1): Info {
  return backendUtil.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    attrs.strides,
    dilations,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    backendUtil.convertConv2DDataFormat(attrs.dataFormat),
  );
}

type Dilations = [number, number] | number;

/** Most weights of each tap for which the filter's 36 matrices are made: 150 MB. */
const mostWeights = 2 ** 20;

/** Whether tiles of 4 × 4 outputs can be used and at least half of what they compute is wanted. */
function isTileable(info: Info): boolean {
  const { outHeight: rows, outWidth: columns } = info;
  return (
    [info.filterHeight, info.filterWidth].every((taps) => taps === 3) &&
    [info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth].every(isOne) &&
    [info.inChannels, info.outChannels].every((channels) => channels % 4 === 0) &&
    info.inChannels * info.outChannels <= mostWeights &&
    info.dataFormat === 'channelsLast' &&
    Math.ceil(rows / 4) * Math.ceil(columns / 4) * 16 <= 2 * rows * columns &&
    info.batchSize > 0
  );
}

function isOne(value: number): boolean {
  return value === 1;
}

function convolution(): KernelConfig {
  return wrappedKernel<{ x: TensorInfo; filter: TensorInfo }, Conv2DAttrs>(
    Conv2D,
    (original) => (call) => {
      const { inputs, attrs, backend } = call;
      const info = infoOf(inputs.x.shape, inputs.filter.shape, attrs, attrs.dilations);
      if (!isTileable(info)) return original(call);
      const y = backend.makeOutput(info.outShape, 'float32');
      const { top, left } = info.padInfo;
      runConvolution(backend, 'convolve', { x: inputs.x, w: inputs.filter, y, top, left });
      return y;
    },
  );
}

function fusedConvolution(): KernelConfig {
  interface Inputs {
    readonly x: TensorInfo;
    readonly filter: TensorInfo;
    readonly bias?: TensorInfo;
    readonly preluActivationWeights?: TensorInfo;
  }
  return wrappedKernel<Inputs, FusedConv2DAttrs>(FusedConv2D, (original) => (call) => {
    const { inputs, attrs, backend } = call;
    const { x, filter, bias } = inputs;
    const info = infoOf(x.shape, filter.shape, attrs, attrs.dilations);
    const isSimple = attrs.activation === 'linear' || attrs.activation === 'relu';
    const isVector = bias?.shape.at(-1) === info.outChannels && bias.shape.length === 1;
    if (!isTileable(info) || !isSimple || !(bias === undefined || isVector)) return original(call);
    const y = backend.makeOutput(info.outShape, 'float32');
    const { top, left } = info.padInfo;
    const rectified = attrs.activation === 'relu';
    runConvolution(backend, 'convolve', { x, w: filter, y, bias, top, left, rectified });
    return y;
  });
}

/** The gradient by the input: a convolution with the taps in reverse order and channels and filters exchanged. */
function inputGradient(): KernelConfig {
  return wrappedKernel<{ dy: TensorInfo; filter: TensorInfo }, Conv2DBackpropInputAttrs>(
    Conv2DBackpropInput,
    (original) => (call) => {
      const {
        inputs: { dy, filter },
        attrs,
        backend,
      } = call;
      const info = infoOf(attrs.inputShape, filter.shape, attrs);
      if (!isTileable(info)) return original(call);
      const compose = new Composition('wasm', backend);
      const w = compose.transpose(filter, [0, 1, 3, 2]);
      const y = backend.makeOutput(attrs.inputShape, 'float32');
      const [top, left] = [2 - info.padInfo.top, 2 - info.padInfo.left];
      runConvolution(backend, 'convolve', { x: dy, w, y, top, left, reversed: true });
      return compose.finish(y);
    },
  );
}

function filterGradient(): KernelConfig {
  return wrappedKernel<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>(
    Conv2DBackpropFilter,
    (original) => (call) => {
      const {
        inputs: { x, dy },
        attrs,
        backend,
      } = call;
      const info = infoOf(x.shape, attrs.filterShape, attrs);
      const { top, left } = info.padInfo;
      const w = (): TensorInfo => backend.makeOutput(attrs.filterShape, 'float32');
      if (isTileable(info)) {
        const result = w();
        runConvolution(backend, 'filterGradient', { x, w: result, y: dy, top, left });
        return result;
      }
      if (info.outChannels % 4 !== 0 || info.dataFormat !== 'channelsLast') return original(call);

      const compose = new Composition('wasm', backend);
      const result = w();
      const strides = [info.strideHeight, info.strideWidth] as const;
      runConvolution(backend, 'slidingFilterGradient', {
        ...{ x: padded(compose, x, info), w: result, y: dy, strides },
        top: 0,
        left: 0,
      });
      return compose.finish(result);
    },
  );
}

/** The image with all zeros that the filter reads. */
function padded(compose: Composition, x: TensorInfo, info: Info): TensorInfo {
  const { top, left } = info.padInfo;
  const bottom = (info.outHeight - 1) * info.strideHeight + info.filterHeight - info.inHeight - top;
  const right = (info.outWidth - 1) * info.strideWidth + info.filterWidth - info.inWidth - left;
  return compose.pad(x, [
    [0, 0],
    [top, Math.max(bottom, 0)],
    [left, Math.max(right, 0)],
    [0, 0],
  ]);
}
