import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

import { InputError } from '../base/index.js';
import type { DeviceWatch } from './backend-errors.js';

/** What a user may ask for; `auto` takes the first of the others that is there, except `cpu`. */
export const backendChoices = ['auto', 'cuda', 'native', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendChoice = (typeof backendChoices)[number];

export interface Backend {
  readonly name: Exclude<BackendChoice, 'auto'>;
  /** For a person: "wasm (SIMD)". */
  readonly description: string;
  /** Where the backend's device fails without a word. */
  readonly watch?: DeviceWatch;
}

type Starter = (asked: boolean) => Promise<Backend | undefined>;

const starters: Record<Backend['name'], Starter> = {
  cuda: (asked) => startBinding('cuda', '@tensorflow/tfjs-node-gpu', asked),
  native: (asked) => startBinding('native', '@tensorflow/tfjs-node', asked),
  webgpu: startWebGpuBackend,
  wasm: startWasm,
  cpu: startCpu,
};

const automatic = ['cuda', 'native', 'webgpu', 'wasm'] as const;

const hints: Record<Backend['name'], string> = {
  cuda: 'npm install @tensorflow/tfjs-node-gpu@4.22.0 (needs an NVIDIA GPU with CUDA)',
  native: 'npm install @tensorflow/tfjs-node@4.22.0',
  webgpu:
    'npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0, and a Vulkan driver with libvulkan, Metal or D3D12',
  wasm: 'reinstall veilmark: @tensorflow/tfjs-backend-wasm is one of its dependencies',
  cpu: 'reinstall veilmark: @tensorflow/tfjs-backend-cpu is one of its dependencies',
};

/**
 * Loads TensorFlow and makes a backend its current one. `auto` tries CUDA, native, a hardware WebGPU adapter, then
 * WebAssembly; a software WebGPU adapter and plain `cpu` (a hundred times slower) are used only when asked for by name.
 * Throws `InputError` `backend.missing`, or `backend.broken` where one asked for by name is installed and fails.
 */
export async function selectBackend(choice: BackendChoice): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core');
  tf.enableProdMode();
  for (const name of choice === 'auto' ? automatic : [choice]) {
    const backend = await starters[name](choice !== 'auto');
    if (backend !== undefined) return backend;
  }
  const name = choice === 'auto' ? 'wasm' : choice;
  throw new InputError({
    code: 'backend.missing',
    message: `the ${name} backend is not available on this machine`,
    hint: hints[name],
  });
}

/** TensorFlow's own libraries for Node: optional packages that nothing here depends on. */
async function startBinding(
  name: 'cuda' | 'native',
  packageName: string,
  asked: boolean,
): Promise<Backend | undefined> {
  try {
    createRequire(import.meta.url).resolve(packageName);
  } catch {
    return undefined;
  }
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const tf = await import('@tensorflow/tfjs-core');
  try {
    await import(packageName);
    if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend does not start');
  } catch (error) {
    if (!asked) return undefined;
    throw new InputError({
      code: 'backend.broken',
      message: `${packageName} is installed and does not load: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'reinstall it for this version of Node, or choose another --backend',
    });
  }
  return { name, description: `${name} (${packageName})` };
}

async function startWebGpuBackend(asked: boolean): Promise<Backend | undefined> {
  const { startWebGpu } = await import('./webgpu.js');
  const started = await startWebGpu({ software: asked });
  return started && { name: 'webgpu', ...started };
}

async function startWasm(): Promise<Backend | undefined> {
  const [tf, { setWasmPaths }, { registerWasmKernels }] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-backend-wasm'),
    import('./kernels/wasm/index.js'),
  ]);
  if (tf.getBackend() !== 'wasm') {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(main)}${sep}`);
    registerWasmKernels();
    const restoreHandlers = keepProcessHandlers();
    if (!(await tf.setBackend('wasm'))) return undefined;
    restoreHandlers();
  }
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { name: 'wasm', description: simd === true ? 'wasm (SIMD)' : 'wasm' };
}

/**
 * Remembers the process's handlers of uncaught errors; calling the result removes any that came since. The backend's
 * loader adds one that throws again, which prints a line of half a megabyte of generated code.
 */
function keepProcessHandlers(): () => void {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'exit'));
  return () => {
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'exit')) {
        if (before[i]?.includes(listener) !== true) process.off(event, listener);
      }
    });
  };
}

async function startCpu(): Promise<Backend | undefined> {
  const [tf] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-backend-cpu'),
  ]);
  return (await tf.setBackend('cpu'))
    ? { name: 'cpu', description: 'cpu (plain JavaScript)' }
    : undefined;
}
