import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type {
  KernelConfig,
  KernelFunc,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { getKernel } from '@tensorflow/tfjs-core';

/** What a kernel function is called with; tfjs itself leaves inputs and attributes untyped. */
export interface KernelCall<Inputs, Attributes> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: BackendWasm;
}

type Compute<Inputs, Attributes> = (call: KernelCall<Inputs, Attributes>) => TensorInfo;

/** A kernel of the wasm backend that stands beside or in place of TensorFlow's own. */
export function wasmKernel<Inputs, Attributes>(
  kernelName: string,
  compute: Compute<Inputs, Attributes>,
): KernelConfig {
  return { kernelName, backendName: 'wasm', kernelFunc: compute as unknown as KernelFunc };
}

/** TensorFlow's own kernel with another computation in front of it, which may fall back to the original. */
export function wrappedKernel<Inputs, Attributes>(
  kernelName: string,
  wrap: (original: Compute<Inputs, Attributes>) => Compute<Inputs, Attributes>,
): KernelConfig {
  const config = getKernel(kernelName, 'wasm');
  const original = config.kernelFunc as unknown as Compute<Inputs, Attributes>;
  return { ...config, kernelFunc: wrap(original) as unknown as KernelFunc };
}

type Padding = readonly (readonly [number, number])[];

/**
 * Runs other kernels of the wasm backend inside a kernel, on tensor infos. Nothing is wrapped in a `Tensor`: disposing a
 * wrapper would free the caller's data. `finish` frees all that the methods returned, except the result.
 */
export class Composition {
  readonly #backend: BackendWasm;
  readonly #made: TensorInfo[] = [];

  constructor(backend: BackendWasm) {
    this.#backend = backend;
  }

  run(kernel: string, inputs: NamedTensorInfoMap, attrs: object = {}): TensorInfo {
    const { kernelFunc } = getKernel(kernel, 'wasm');
    const info = kernelFunc({ inputs, backend: this.#backend, attrs: attrs as NamedAttrMap });
    if (Array.isArray(info)) throw new TypeError(`${kernel} gives several tensors`);
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
