import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { engine, registerBackend, removeBackend } from '@tensorflow/tfjs-core';

import { replaceKernels } from '../register.js';
import { conv2dBackpropFilterKernel } from './conv2d-backprop-filter.js';
import { conv2dBackpropInputKernel } from './conv2d-backprop-input.js';
import { reduceKernels } from './reduce.js';
import { sameProductKernels } from './same-products.js';

let registered = false;

/** Registers, once, the kernels that TensorFlow's WebGPU backend does slowly or with results that differ from run to run. */
export function registerWebGpuKernels(): void {
  if (registered) return;
  registered = true;
  replaceKernels('webgpu', [
    conv2dBackpropFilterKernel(),
    conv2dBackpropInputKernel(),
    ...reduceKernels(),
    ...sameProductKernels(),
  ]);
}

/** Makes a device TensorFlow's backend `webgpu`, in the place of any that was, with our kernels. Starts nothing. */
export function registerWebGpuBackend(device: GPUDevice, info: GPUAdapterInfo): void {
  registerWebGpuKernels();
  if (Object.hasOwn(engine().registryFactory, 'webgpu')) removeBackend('webgpu');
  registerBackend('webgpu', () => new WebGPUBackend(device, info), 3);
}
