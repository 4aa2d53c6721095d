import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';

import { assembledFor } from './assembled.js';
import { type KernelCall, wasmKernel } from './kernel.js';

/**
 * Kernels of our own, by name: passes of assembly/channels.ts over a tensor whose last axis is that of the channels, a
 * multiple of 4. What each channel has for itself is an attribute, a `Float32Array`.
 */
export const channelKernels = {
  /** Of x: means, then sums of squared deviations, 2 × channels. */
  moments: 'ChannelMoments',
  /** x · factors + addends. */
  scale: 'ScaleChannels',
  /** Of dy and x: sums of dy, then of dy · (x − means), 2 × channels. */
  gradientSums: 'ChannelGradientSums',
  /** dy · gradientFactors + x · factors + addends. */
  combine: 'CombineChannels',
  /** dy where y is above zero, else 0; any shape with a multiple of 4 elements. */
  rectify: 'RectifiedGradient',
} as const;

export function assembledChannels(): KernelConfig[] {
  return [
    wasmKernel<{ x: TensorInfo }, unknown>(channelKernels.moments, ({ inputs: { x }, backend }) => {
      const output = backend.makeOutput([2, sizes(x).channels], 'float32');
      const [means, squares] = rows(backend, output);
      const { pixels, channels } = sizes(x);
      assembledFor(backend).moments(at(backend, x), pixels, channels, means, squares);
      return output;
    }),
    wasmKernel<{ x: TensorInfo }, { factors: Float32Array; addends: Float32Array }>(
      channelKernels.scale,
      ({ inputs: { x }, attrs: { factors, addends }, backend }) => {
        const y = backend.makeOutput(x.shape, 'float32');
        const { pixels, channels } = sizes(x);
        withVectors(backend, [factors, addends], ([f = 0, a = 0]) => {
          const [from, to] = [at(backend, x), at(backend, y)];
          assembledFor(backend).scaleChannels(from, pixels, channels, f, a, to);
        });
        return y;
      },
    ),
    wasmKernel(channelKernels.gradientSums, gradientSums),
    wasmKernel(channelKernels.combine, combine),
    wasmKernel<{ dy: TensorInfo; y: TensorInfo }, unknown>(
      channelKernels.rectify,
      ({ inputs: { dy, y }, backend }) => {
        const dx = backend.makeOutput(y.shape, 'float32');
        const count = util.sizeFromShape(y.shape);
        const where = [at(backend, dy), at(backend, y), count, at(backend, dx)] as const;
        assembledFor(backend).rectifiedGradient(...where);
        return dx;
      },
    ),
  ];
}

interface Pair {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
}

function gradientSums({
  inputs: { dy, x },
  attrs: { means },
  backend,
}: KernelCall<Pair, { means: Float32Array }>): TensorInfo {
  const { pixels, channels } = sizes(x);
  const output = backend.makeOutput([2, channels], 'float32');
  withVectors(backend, [means], ([mean = 0]) => {
    const [sums, products] = rows(backend, output);
    const where = [at(backend, dy), at(backend, x), pixels, channels] as const;
    assembledFor(backend).gradientSums(...where, mean, sums, products);
  });
  return output;
}

interface Coefficients {
  readonly gradientFactors: Float32Array;
  readonly factors: Float32Array;
  readonly addends: Float32Array;
}

function combine({
  inputs: { dy, x },
  attrs: { gradientFactors, factors, addends },
  backend,
}: KernelCall<Pair, Coefficients>): TensorInfo {
  const dx = backend.makeOutput(x.shape, 'float32');
  const { pixels, channels } = sizes(x);
  withVectors(backend, [gradientFactors, factors, addends], ([g = 0, f = 0, a = 0]) => {
    const where = [at(backend, dy), at(backend, x), pixels, channels] as const;
    assembledFor(backend).combineChannels(...where, g, f, a, at(backend, dx));
  });
  return dx;
}

function sizes({ shape }: TensorInfo): { pixels: number; channels: number } {
  const channels = shape.at(-1) ?? 1;
  return { pixels: util.sizeFromShape(shape) / channels, channels };
}

function at(backend: BackendWasm, { dataId }: TensorInfo): number {
  return backend.getMemoryOffset(dataId);
}

/** The addresses of both rows of a 2 × channels matrix. */
function rows(backend: BackendWasm, matrix: TensorInfo): [number, number] {
  const start = at(backend, matrix);
  return [start, start + (matrix.shape[1] ?? 0) * Float32Array.BYTES_PER_ELEMENT];
}

/** Lends memory of the backend to vectors of one length while `use` runs. */
function withVectors(
  backend: BackendWasm,
  vectors: readonly Float32Array[],
  use: (addresses: readonly number[]) => void,
): void {
  const length = vectors[0]?.length ?? 0;
  const memory = backend.makeOutput([vectors.length * length], 'float32');
  const heap = backend.typedArrayFromHeap(memory);
  vectors.forEach((vector, i) => {
    heap.set(vector, i * length);
  });
  use(vectors.map((_, i) => heap.byteOffset + i * length * Float32Array.BYTES_PER_ELEMENT));
  backend.disposeData(memory.dataId);
}
