import type {
  KernelBackend,
  KernelConfig,
  KernelFunc,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { getKernel } from '@tensorflow/tfjs-core';

/** The backends that get kernels of ours. */
export type ComposedBackend = 'wasm' | 'webgpu';

/** What a kernel function is called with; tfjs itself leaves inputs and attributes untyped. */
export interface KernelCall<Inputs, Attributes, Backend = KernelBackend> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: Backend;
}

export type Compute<Inputs, Attributes, Backend = KernelBackend> = (
  call: KernelCall<Inputs, Attributes, Backend>,
) => TensorInfo;

/** A kernel that stands beside or in place of TensorFlow's own. */
export function ownKernel<Inputs, Attributes, Backend>(
  backendName: ComposedBackend,
  kernelName: string,
  compute: Compute<Inputs, Attributes, Backend>,
): KernelConfig {
  return { kernelName, backendName, kernelFunc: compute as unknown as KernelFunc };
}

/** TensorFlow's own kernel with another computation in front of it, which may fall back to the original. */
export function kernelInFront<Inputs, Attributes, Backend>(
  backendName: ComposedBackend,
  kernelName: string,
  wrap: (original: Compute<Inputs, Attributes, Backend>) => Compute<Inputs, Attributes, Backend>,
): KernelConfig {
  const config = getKernel(kernelName, backendName);
  const original = config.kernelFunc as unknown as Compute<Inputs, Attributes, Backend>;
  return { ...config, kernelFunc: wrap(original) as unknown as KernelFunc };
}

type Padding = readonly (readonly [number, number])[];

/**
 * Runs other kernels of a backend inside a kernel, on tensor infos. Nothing is wrapped in a `Tensor`: disposing a wrapper
 * would free the caller's data. `finish` frees all that the methods returned, except the result.
 */
export class Composition {
  readonly #backendName: ComposedBackend;
  readonly #backend: KernelBackend;
  readonly #made: TensorInfo[] = [];

  constructor(backendName: ComposedBackend, backend: KernelBackend) {
    this.#backendName = backendName;
    this.#backend = backend;
  }

  run(kernel: string, inputs: NamedTensorInfoMap, attrs: object = {}): TensorInfo {
    const { kernelFunc } = getKernel(kernel, this.#backendName);
    const info = kernelFunc({ inputs, backend: this.#backend, attrs: attrs as NamedAttrMap });
    if (Array.isArray(info)) throw new TypeError(`${kernel} gives several tensors`);
    return this.made(info);
  }

  /** Takes a tensor that was computed by other means. */
  made(info: TensorInfo): TensorInfo {
    this.#made.push(info);
    return info;
  }

  transpose(x: TensorInfo, perm: readonly number[]): TensorInfo {
    return this.run('Transpose', { x }, { perm });
  }

  /** The same data under another shape, which is not counted as made: it is freed with `x`. */
  reshape(x: TensorInfo, shape: readonly number[]): TensorInfo {
    return { ...x, shape: [...shape] };
  }

  /** Zeros around `x`; `x` itself where there are none. */
  pad(x: TensorInfo, paddings: Padding): TensorInfo {
    if (paddings.flat().every((zeros) => zeros === 0)) return x;
    return this.run('PadV2', { x }, { paddings, constantValue: 0 });
  }

  /** A part of `x`; `x` itself where that is all of it. */
  slice(x: TensorInfo, begin: readonly number[], size: readonly number[]): TensorInfo {
    if (size.every((length, i) => length === x.shape[i])) return x;
    return this.run('Slice', { x }, { begin, size });
  }

  /** A convolution of stride 1, channels last, with explicit padding of rows and columns. */
  conv2d(
    x: TensorInfo,
    filter: TensorInfo,
    [rows, columns]: Padding,
    dilations: readonly [number, number] = [1, 1],
  ): TensorInfo {
    const pad = [[0, 0], rows, columns, [0, 0]];
    return this.run(
      'Conv2D',
      { x, filter },
      { strides: [1, 1], dilations, pad, dataFormat: 'NHWC' },
    );
  }

  /** Frees every intermediate result; the caller owns `result`, which must be one that was made. */
  finish(result: TensorInfo): TensorInfo {
    for (const { dataId } of this.#made) {
      if (dataId !== result.dataId) this.#backend.disposeData(dataId);
    }
    return result;
  }
}
