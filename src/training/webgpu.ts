import { existsSync } from 'node:fs';
import { platform } from 'node:os';

/** Device files of which a Linux machine with a graphics processor has one (the last: Windows' under WSL). */
const linuxDevices = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'];

/**
 * Makes WebGPU TensorFlow's backend: Dawn on any Vulkan, Metal or D3D12 driver. Both packages are optional.
 *
 * A software adapter (SwiftShader, lavapipe) is taken only when `software` is set: WebAssembly is faster. Returns a
 * description for a person, or nothing where packages, drivers or adapters are missing.
 */
export async function startWebGpu({
  software,
}: {
  software: boolean;
}): Promise<string | undefined> {
  if (!software && platform() === 'linux' && !linuxDevices.some((path) => existsSync(path))) {
    return undefined; // Dawn would look for itself, but slowly, and with warnings on standard error.
  }
  const dawn = await import('webgpu').catch(() => undefined);
  if (dawn === undefined) return undefined;
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null || (isSoftware(adapter) && !software)) return undefined;

  Object.assign(globalThis, dawn.globals);
  const navigator: unknown = Reflect.get(globalThis, 'navigator') ?? {}; // Node 20 has none.
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const tf = await import('@tensorflow/tfjs-core');
  const backend = await import('@tensorflow/tfjs-backend-webgpu').catch(() => undefined);
  if (backend === undefined || !(await tf.setBackend('webgpu'))) return undefined;
  const { description, device } = adapter.info;
  return `webgpu (${description || device || 'unnamed adapter'})`;
}

function isSoftware({ info }: GPUAdapter): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(info.description);
}
