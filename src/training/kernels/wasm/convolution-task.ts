import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { backend_util as backendUtil, TensorInfo } from '@tensorflow/tfjs-core';

import { assembledFor } from './assembled.js';

export type ConvolutionInfo = backendUtil.Conv2DInfo;

/** The fields of `Convolution` in assembly/task.ts, in their order. */
const fields = [
  'x',
  'w',
  'y',
  'bias',
  'scratch',
  'batch',
  'height',
  'width',
  'channels',
  'rows',
  'columns',
  'filters',
  'top',
  'left',
  'reversed',
  'rectified',
  'tapRows',
  'tapColumns',
  'strideRows',
  'strideColumns',
] as const;

/** Bytes kept for the fields before the scratch memory. */
const taskBytes = 128;

/** A convolution of x, batch × height × width × channels, with w, into y, batch × rows × columns × filters. */
export interface ConvolutionTask {
  readonly x: TensorInfo;
  readonly w: TensorInfo;
  readonly y: TensorInfo;
  readonly bias?: TensorInfo | undefined;
  /** Zeros before the image. */
  readonly top: number;
  readonly left: number;
  readonly reversed?: boolean;
  readonly rectified?: boolean;
  readonly strides?: readonly [number, number];
}

/** Runs a function of assembly/convolution.ts. `w` has the shape taps × taps × channels × filters. */
export function runConvolution(
  backend: BackendWasm,
  name: 'convolve' | 'filterGradient' | 'slidingFilterGradient',
  task: ConvolutionTask,
): void {
  const assembled = assembledFor(backend);
  const { x, w, y, bias, top, left, reversed = false, rectified = false, strides = [1, 1] } = task;
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [, rows = 0, columns = 0, filters = 0] = y.shape;
  const [tapRows = 0, tapColumns = 0] = w.shape;
  const bytes = name === 'slidingFilterGradient' ? 0 : assembled.scratchBytes(channels, filters);
  const memory = backend.makeOutput([taskBytes + bytes], 'bool');
  const addressOf = ({ dataId }: TensorInfo): number => backend.getMemoryOffset(dataId);
  const start = addressOf(memory);
  const values: Record<(typeof fields)[number], number> = {
    x: addressOf(x),
    w: addressOf(w),
    y: addressOf(y),
    bias: bias ? addressOf(bias) : 0,
    scratch: start + taskBytes,
    ...{ batch, height, width, channels, rows, columns, filters, top, left },
    reversed: Number(reversed),
    rectified: Number(rectified),
    ...{ tapRows, tapColumns, strideRows: strides[0], strideColumns: strides[1] },
  };
  const { buffer } = backend.typedArrayFromHeap(memory);
  new Int32Array(buffer, start, fields.length).set(fields.map((field) => values[field]));
  assembled[name](start);
  backend.disposeData(memory.dataId);
}
