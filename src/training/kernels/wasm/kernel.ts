import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelConfig } from '@tensorflow/tfjs-core';

import type * as compose from '../compose.js';
import { kernelInFront, ownKernel } from '../compose.js';

export type KernelCall<Inputs, Attributes> = compose.KernelCall<Inputs, Attributes, BackendWasm>;

type Compute<Inputs, Attributes> = compose.Compute<Inputs, Attributes, BackendWasm>;

/** A kernel of the wasm backend that stands beside or in place of TensorFlow's own. */
export function wasmKernel<Inputs, Attributes>(
  kernelName: string,
  compute: Compute<Inputs, Attributes>,
): KernelConfig {
  return ownKernel('wasm', kernelName, compute);
}

/** TensorFlow's own wasm kernel with another computation in front of it. */
export function wrappedKernel<Inputs, Attributes>(
  kernelName: string,
  wrap: (original: Compute<Inputs, Attributes>) => Compute<Inputs, Attributes>,
): KernelConfig {
  return kernelInFront('wasm', kernelName, wrap);
}
