import '@tensorflow/tfjs-backend-wasm';

import type { KernelConfig } from '@tensorflow/tfjs-core';
import { getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

import { compileAssembled } from './assembled.js';
import { assembledConvolutions } from './assembled-convolution.js';
import { batchMatMulKernel } from './batch-mat-mul.js';
import { conv2dBackpropFilterKernel } from './conv2d-backprop-filter.js';
import { conv2dBackpropInputKernel } from './conv2d-backprop-input.js';
import { assembledChannels } from './channels.js';
import { castKernel, identityKernel, sliceKernel } from './copies.js';
import { maxPoolGradKernel } from './max-pool-grad.js';
import { padKernel } from './pad.js';
import { samePaddingKernels } from './same-padding.js';
import { sumKernel } from './sum.js';

let registered = false;

/** Registers, once, the kernels that TensorFlow's wasm backend lacks, does slowly or does wrongly. Call it before the backend starts. */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  compileAssembled();
  replace([
    conv2dBackpropFilterKernel,
    conv2dBackpropInputKernel,
    batchMatMulKernel(),
    identityKernel,
    castKernel(),
    sliceKernel(),
    padKernel,
    sumKernel(),
    maxPoolGradKernel,
    ...samePaddingKernels(),
  ]);
  replace([...assembledConvolutions(), ...assembledChannels()]);
}

function replace(kernels: readonly KernelConfig[]): void {
  const existing = new Set(getKernelsForBackend('wasm').map(({ kernelName }) => kernelName));
  for (const kernel of kernels) {
    if (existing.has(kernel.kernelName)) unregisterKernel(kernel.kernelName, 'wasm');
    registerKernel(kernel);
  }
}
