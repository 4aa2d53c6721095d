import { readFileSync } from 'node:fs';

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

import { EnvironmentError } from '../../../base/index.js';
import { packagePath } from '../../../files/package-path.js';

/**
 * The functions of `assembly/`, which say what each does. Arguments are addresses in the memory of TensorFlow's backend, in
 * bytes, and counts.
 */
export interface Assembled {
  readonly scratchBytes: (channels: number, filters: number) => number;
  readonly convolve: (task: number) => void;
  readonly filterGradient: (task: number) => void;
  readonly slidingFilterGradient: (task: number) => void;
  readonly moments: (...where: [...Channels, means: number, squares: number]) => void;
  readonly scaleChannels: (
    ...where: [...Channels, factors: number, addends: number, y: number]
  ) => void;
  readonly gradientSums: (
    ...where: [dy: number, ...Channels, means: number, sums: number, products: number]
  ) => void;
  readonly combineChannels: (
    ...where: [
      dy: number,
      ...Channels,
      gradientFactors: number,
      factors: number,
      addends: number,
      dx: number,
    ]
  ) => void;
  readonly rectifiedGradient: (dy: number, y: number, count: number, dx: number) => void;
}

type Channels = [x: number, pixels: number, channels: number];

/** One instance for each memory. */
const instances = new WeakMap<object, Assembled>();
let compiled: WebAssembly.Module | undefined;

/** Reads and compiles the module, once. Throws `EnvironmentError` `backend.kernels` if it has not been built. */
export function compileAssembled(): WebAssembly.Module {
  const path = packagePath('assembly', 'build', 'kernels.wasm');
  try {
    return (compiled ??= new WebAssembly.Module(readFileSync(path)));
  } catch (cause) {
    throw new EnvironmentError({
      code: 'backend.kernels',
      message: `the WebAssembly kernels cannot be loaded from ${path}`,
      hint: 'npm run assembly, in the folder of veilmark',
      cause,
    });
  }
}

/** The functions, on the memory of this backend. */
export function assembledFor(backend: BackendWasm): Assembled {
  // What Emscripten's loader holds, which TensorFlow's types do not show.
  const { memory } = (backend.wasm as unknown as { asm: { memory: WebAssembly.Memory } }).asm;
  const known = instances.get(memory);
  if (known !== undefined) return known;
  const { exports } = new WebAssembly.Instance(compileAssembled(), { env: { memory } });
  const made = exports as unknown as Assembled;
  instances.set(memory, made);
  return made;
}
