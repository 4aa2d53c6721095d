import '@tensorflow/tfjs-backend-wasm';

import { replaceKernels } from '../register.js';
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
  // In front of those above, to which they leave what they cannot do.
  replaceKernels('wasm', [...assembledConvolutions(), ...assembledChannels()]);
}
