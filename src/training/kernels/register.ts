import type { KernelConfig } from '@tensorflow/tfjs-core';
import { getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

import type { ComposedBackend } from './compose.js';

/** Puts kernels in the place of those of the same names that the backend has. */
export function replaceKernels(backendName: ComposedBackend, kernels: readonly KernelConfig[]) {
  const existing = new Set(getKernelsForBackend(backendName).map(({ kernelName }) => kernelName));
  for (const kernel of kernels) {
    if (existing.has(kernel.kernelName)) unregisterKernel(kernel.kernelName, backendName);
    registerKernel(kernel);
  }
}
