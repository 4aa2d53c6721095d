import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelConfig } from '@tensorflow/tfjs-core';

import type * as compose from '../compose.js';
import { kernelInFront } from '../compose.js';

export type KernelCall<Inputs, Attributes> = compose.KernelCall<Inputs, Attributes, WebGPUBackend>;

type Compute<Inputs, Attributes> = compose.Compute<Inputs, Attributes, WebGPUBackend>;

/** TensorFlow's own WebGPU kernel with another computation in front of it. */
export function wrappedKernel<Inputs, Attributes>(
  kernelName: string,
  wrap: (original: Compute<Inputs, Attributes>) => Compute<Inputs, Attributes>,
): KernelConfig {
  return kernelInFront('webgpu', kernelName, wrap);
}
