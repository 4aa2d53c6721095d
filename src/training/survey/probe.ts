import type { BackendName } from '../backends/names.js';
import { loadBinding } from '../backends/binding.js';
import { installedVersion, isInstalled } from '../backends/installed.js';
import { findAdapter, missingWebGpuPackage, startWebGpu } from '../backends/webgpu.js';
import { selectBackend } from '../backend.js';

/** Whether a backend computes here; `software only`: it does, but on the processor, where a GPU is expected. */
export type BackendStatus = 'ready' | 'software only' | 'missing' | 'broken';

/** What came of starting a backend. */
export interface Probe {
  readonly status: BackendStatus;
  /** What is there, for a person: packages with their versions, the adapter. Empty where nothing is. */
  readonly description: string;
  /** What is missing or wrong. */
  readonly problem?: string;
}

const probes: Readonly<Record<BackendName, () => Promise<Probe>>> = {
  cuda: () => probeBinding('cuda', '@tensorflow/tfjs-node-gpu'),
  native: () => probeBinding('native', '@tensorflow/tfjs-node'),
  webgpu: probeWebGpu,
  wasm: () => probeOwn('wasm'),
  cpu: () => probeOwn('cpu'),
};

/** Starts a backend and says what came of it. It may end the process, and leaves TensorFlow as it is. */
export async function probe(name: BackendName): Promise<Probe> {
  try {
    return await probes[name]();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { status: 'broken', description: '', problem };
  }
}

const withVersion = (packageName: string): string =>
  `${packageName} ${installedVersion(packageName)}`;

async function probeBinding(name: 'cuda' | 'native', packageName: string): Promise<Probe> {
  const missing = { status: 'missing', problem: `${packageName} is not installed` } as const;
  if (!isInstalled(packageName)) return { ...missing, description: '' };
  const description = withVersion(packageName);
  try {
    const binding = await loadBinding(name);
    if (name === 'native' || binding?.usesGpu === true) return { status: 'ready', description };
    return { status: 'software only', description, problem: 'it finds no GPU' };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { status: 'broken', description, problem: `it does not load: ${problem}` };
  }
}

async function probeWebGpu(): Promise<Probe> {
  const absent = missingWebGpuPackage();
  if (absent !== undefined) {
    return { status: 'missing', description: '', problem: `${absent} is not installed` };
  }
  const packages = withVersion('webgpu');
  const found = await findAdapter();
  if (found === undefined) {
    return { status: 'missing', description: packages, problem: 'Dawn finds no adapter' };
  }
  const description = `${packages}, ${found.name}`;
  if ((await startWebGpu({ software: true })) === undefined) {
    return { status: 'broken', description, problem: 'its backend does not start' };
  }
  return found.isSoftware
    ? { status: 'software only', description, problem: 'the adapter computes on the processor' }
    : { status: 'ready', description };
}

async function probeOwn(name: 'wasm' | 'cpu'): Promise<Probe> {
  const { description } = await selectBackend(name);
  return {
    status: 'ready',
    description: `${withVersion(`@tensorflow/tfjs-backend-${name}`)}, ${description}`,
  };
}
