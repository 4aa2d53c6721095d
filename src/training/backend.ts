import { InputError } from '../base/index.js';
import type { DeviceWatch } from './backend-errors.js';
import { loadBinding } from './backends/binding.js';
import {
  automaticOrder,
  type BackendChoice,
  type BackendName,
  cudaNeeds,
  howToGet,
} from './backends/names.js';

export { type BackendChoice, backendChoices, type BackendName } from './backends/names.js';

export interface Backend {
  readonly name: BackendName;
  /** For a person: "wasm (SIMD)". */
  readonly description: string;
  /** Where the backend's device fails without a word. */
  readonly watch?: DeviceWatch;
}

type Starter = (asked: boolean) => Promise<Backend | undefined>;

const starters: Record<BackendName, Starter> = {
  cuda: (asked) => startBinding('cuda', asked),
  native: (asked) => startBinding('native', asked),
  webgpu: startWebGpuBackend,
  wasm: startWasmBackend,
  cpu: startCpu,
};

/**
 * Loads TensorFlow and makes a backend its current one. `auto` tries CUDA, native, a hardware WebGPU adapter, then
 * WebAssembly; a software WebGPU adapter and plain `cpu` (a hundred times slower) are used only when asked for by name.
 * Throws `InputError` `backend.missing`, or `backend.broken` where one asked for by name is installed and fails.
 */
export async function selectBackend(choice: BackendChoice): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core');
  tf.enableProdMode();
  for (const name of choice === 'auto' ? automaticOrder : [choice]) {
    const backend = await starters[name](choice !== 'auto');
    if (backend !== undefined) return backend;
  }
  const name = choice === 'auto' ? 'wasm' : choice;
  throw new InputError({
    code: 'backend.missing',
    message: `the ${name} backend is not available on this machine`,
    hint: `${howToGet[name]}; \`veilmark backends\` shows what there is`,
  });
}

const broken = (message: string, hint: string): InputError =>
  new InputError({ code: 'backend.broken', message, hint });

/** For what is installed and fails: an error where the backend was asked for by name, else nothing. */
function failed(name: BackendName, asked: boolean): (error: unknown) => undefined {
  return (error) => {
    if (!asked) return undefined;
    const why = error instanceof Error ? error.message : String(error);
    throw broken(
      `the ${name} backend is installed and does not start: ${why}`,
      'reinstall its packages for this version of Node, or choose another --backend',
    );
  };
}

/**
 * The package for CUDA on the processor is as good as the native one, and `auto` takes it for that: to load both would be
 * two copies of TensorFlow in one process.
 */
async function startBinding(name: 'cuda' | 'native', asked: boolean): Promise<Backend | undefined> {
  const binding = await loadBinding(name).catch(failed(name, asked));
  if (binding === undefined) return undefined;
  const { packageName, usesGpu } = binding;
  if (name === 'native' || usesGpu) return { name, description: `${name} (${packageName})` };
  if (!asked) return { name: 'native', description: `native (${packageName}, which finds no GPU)` };
  throw broken(
    `${packageName} is installed and finds no GPU: it would compute on the processor`,
    `it needs an NVIDIA GPU, ${cudaNeeds}; \`veilmark backends\` names what is missing`,
  );
}

async function startWebGpuBackend(asked: boolean): Promise<Backend | undefined> {
  const { startWebGpu } = await import('./backends/webgpu.js');
  const started = await startWebGpu({ software: asked }).catch(failed('webgpu', asked));
  return started && { name: 'webgpu', ...started };
}

async function startWasmBackend(): Promise<Backend | undefined> {
  const { startWasm } = await import('./backends/wasm.js');
  const description = await startWasm();
  return description === undefined ? undefined : { name: 'wasm', description };
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
