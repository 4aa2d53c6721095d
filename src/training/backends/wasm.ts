import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

/** Makes WebAssembly TensorFlow's backend, with our kernels. Returns a description, or nothing where it does not start. */
export async function startWasm(): Promise<string | undefined> {
  const [tf, { setWasmPaths }, { registerWasmKernels }] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-backend-wasm'),
    import('../kernels/wasm/index.js'),
  ]);
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
  if (tf.getBackend() !== 'wasm') {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(main)}${sep}`);
    registerWasmKernels({ simd });
    const restoreHandlers = keepProcessHandlers();
    if (!(await tf.setBackend('wasm'))) return undefined;
    restoreHandlers();
  }
  return simd ? 'wasm (SIMD)' : 'wasm';
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
