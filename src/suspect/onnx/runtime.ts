import type * as OnnxRuntime from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';

import { InputError } from '../../base/index.js';

export type Runtime = typeof OnnxRuntime;

/**
 * Loads the optional package that runs ONNX models; `load` is for tests. Throws `InputError` `suspect.onnx-missing` or
 * `suspect.onnx-broken`.
 */
export async function loadRuntime(
  load: () => Promise<Runtime> = () => import('onnxruntime-node'),
): Promise<Runtime> {
  try {
    return await load();
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new InputError({
      code: isMissing ? 'suspect.onnx-missing' : 'suspect.onnx-broken',
      message: isMissing
        ? 'the package that runs ONNX models is not installed'
        : `onnxruntime-node is installed and does not load: ${(cause as Error).message}`,
      hint: 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0',
      cause,
    });
  }
}

/** Loads a model into the processor. Throws `InputError` `suspect.onnx` for bytes that the runtime refuses. */
export async function startSession(
  { InferenceSession }: Runtime,
  bytes: Uint8Array,
  path: string,
): Promise<InferenceSession> {
  try {
    // Severity 4: what the runtime has to say comes back as an error.
    return await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw new InputError({
      code: 'suspect.onnx',
      message: `the ONNX runtime refuses ${path}: ${(cause as Error).message.replace(/\s+/g, ' ').slice(0, 300)}`,
      hint: 'export the model again as one file, with its weights inside and standard operators only',
      cause,
    });
  }
}
