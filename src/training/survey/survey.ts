import {
  automaticOrder,
  type BackendName,
  backendChoices,
  cudaNeeds,
  howToGet,
  webGpuNeeds,
} from '../backends/names.js';
import { type AskChild, askChild, type ChildAnswer } from './ask-child.js';
import type { BackendStatus, Probe } from './probe.js';

/** A backend as it is on this machine. */
export interface BackendReport extends Probe {
  readonly name: BackendName;
  readonly status: BackendStatus;
  /** How to get it; absent where it is ready. */
  readonly remedy?: string;
}

/** Seconds that starting a backend may take; a GPU's first use may compile for a while. */
const patience = 60;

/**
 * Tries every backend, each in a process of its own: it disturbs nothing here, and a library that crashes takes nothing
 * with it. Never throws. `ask` is for tests.
 */
export function surveyBackends({ ask = askChild }: { ask?: AskChild } = {}): Promise<
  BackendReport[]
> {
  const names = backendChoices.filter((choice) => choice !== 'auto');
  return Promise.all(
    names.map(async (name) => {
      const answer = await ask({ kind: 'probe', name }, { seconds: patience });
      const probe = probeOf(answer);
      return {
        name,
        ...probe,
        ...(probe.status !== 'ready' && { remedy: remedy(name, probe) }),
      };
    }),
  );
}

/** The backend that `--backend auto` takes, going by the reports. */
export function automaticChoice(reports: readonly BackendReport[]): BackendName {
  for (const name of automaticOrder) {
    const status = reports.find((report) => report.name === name)?.status;
    if (status === 'ready') return name;
    // The package for CUDA without a GPU computes as the native one does.
    if (name === 'cuda' && status === 'software only') return 'native';
  }
  return 'wasm';
}

function probeOf({ message, ended, said }: ChildAnswer): Probe {
  if (message?.kind !== 'probe') {
    const problem = `starting it ends the process (${ended ?? 'without a word'})`;
    return { status: 'broken', description: '', problem: problem + missingLibraries(said) };
  }
  const { probe } = message;
  const gpu = /\bname: ([^,\n]+), pci bus id/.exec(said)?.[1];
  return {
    ...probe,
    description: gpu === undefined ? probe.description : `${probe.description}, ${gpu}`,
    ...(probe.problem !== undefined && { problem: probe.problem + missingLibraries(said) }),
  };
}

/** The libraries that TensorFlow says it cannot load, for the end of a sentence. */
function missingLibraries(said: string): string {
  const names = [...said.matchAll(/Could not load dynamic library '([^']+)'/g)].map(([, n]) => n);
  return names.length === 0 ? '' : `; it misses ${[...new Set(names)].join(', ')}`;
}

function remedy(name: BackendName, { status, description }: Probe): string {
  switch (status) {
    case 'software only':
      return name === 'cuda'
        ? `it needs an NVIDIA GPU, ${cudaNeeds}`
        : `it needs ${webGpuNeeds}; \`--backend webgpu\` takes the software adapter all the same`;
    case 'broken':
      return `install it again for Node ${process.versions.node}: ${howToGet[name]}`;
    case 'missing': // the driver alone, where the packages are there
      return name === 'webgpu' && description !== '' ? `it needs ${webGpuNeeds}` : howToGet[name];
    case 'ready':
      return '';
    default:
      return status satisfies never;
  }
}
