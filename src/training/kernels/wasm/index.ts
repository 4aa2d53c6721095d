import '@tensorflow/tfjs-backend-wasm';

import { replaceKernels } from '../register.js';
import { compileAssembled } from './assembled.js';
import { assembledConvolutions } from './assembled-convolution.js';
import { batchMatMulKernel } from './batch-mat-mul.js';
import { assembledChannels } from './channels.js';
import { conv2dBackpropFilterKernel } from './conv2d-backprop-filter.js';
import { conv2dBackpropInputKernel } from './conv2d-backprop-input.js';
import { castKernel, identityKernel, sliceKernel } from './copies.js';
import { maxPoolGradKernel } from './max-pool-grad.js';
import { padKernel } from './pad.js';
import { samePaddingKernels } from './same-padding.js';
import { sumKernel } from './sum.js';

let registered = false;

/**
 * Registers, once, the kernels that TensorFlow's wasm backend lacks, does slowly or does wrongly; those of `assembly/` only
 * where the processor has vector instructions (`simd`). Call it before the backend starts. Throws `EnvironmentError`
 * `backend.kernels` if they have not been built.
 */
export function registerWasmKernels({ simd }: { simd: boolean }): void {
  if (registered) return;
  if (simd) compileAssembled();
  registered = true;
  replaceKernels('wasm', [
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
  // After those above, to which they leave what they cannot do.
  if (simd) replaceKernels('wasm', [...assembledConvolutions(), ...assembledChannels()]);
}
