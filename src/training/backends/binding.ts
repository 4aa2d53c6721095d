import { createRequire } from 'node:module';

import { isInstalled } from './installed.js';

const require = createRequire(import.meta.url);

const packages = {
  cuda: '@tensorflow/tfjs-node-gpu',
  native: '@tensorflow/tfjs-node',
} as const;

/** TensorFlow's own library for Node, loaded. */
export interface Binding {
  readonly packageName: string;
  /** Whether it computes on a GPU. The package for CUDA falls back to the processor without a word. */
  readonly usesGpu: boolean;
}

/**
 * Loads an optional package that nothing here depends on, and makes it TensorFlow's backend `tensorflow`. Gives nothing
 * where it is not installed; throws whatever its loading throws.
 */
export async function loadBinding(name: keyof typeof packages): Promise<Binding | undefined> {
  const packageName = packages[name];
  if (!isInstalled(packageName)) return undefined;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  restoreRemovedFunctions();
  const tf = await import('@tensorflow/tfjs-core');
  await import(packageName);
  if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend does not start');
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
  return { packageName, usesGpu: isUsingGpuDevice === true };
}

/** Node 23 dropped functions that version 4.22.0 of the packages calls for most operations. */
export function restoreRemovedFunctions(): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
