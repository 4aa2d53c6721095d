import { existsSync } from 'node:fs';
import { platform } from 'node:os';

import type { DeviceWatch } from './backend-errors.js';
import { watchDevice, type WatchedDevice } from './webgpu-watch.js';

/** Device files of which a Linux machine with a graphics processor has one (the last: Windows' under WSL). */
const linuxDevices = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'];

/** A GPU's memory and queue, until it fails. */
interface RunningDevice {
  readonly device: GPUDevice;
  readonly watch: WatchedDevice;
  readonly description: string;
}

let running: RunningDevice | undefined;

/**
 * Makes WebGPU TensorFlow's backend: Dawn on any Vulkan, Metal or D3D12 driver. Both packages are optional.
 *
 * A software adapter (SwiftShader, lavapipe) is taken only when `software` is set: WebAssembly is faster. A device that
 * failed is replaced by a new one; what lay in its memory is gone. Returns a description for a person, or nothing where
 * packages, drivers or adapters are missing.
 */
export async function startWebGpu({
  software,
}: {
  software: boolean;
}): Promise<{ description: string; watch: DeviceWatch } | undefined> {
  const tf = await import('@tensorflow/tfjs-core');
  if (running === undefined || running.watch.hasFailed()) {
    if (!software && platform() === 'linux' && !linuxDevices.some((path) => existsSync(path))) {
      return undefined; // Dawn would look for itself, but slowly, and with warnings on standard error.
    }
    const next = await openDevice({ software });
    if (next === undefined) return undefined;
    running?.device.destroy(); // It may be out of memory, and hold all that there is.
    running = next;
  }
  if (!(await tf.setBackend('webgpu'))) return undefined;
  return { description: `webgpu (${running.description})`, watch: running.watch };
}

/**
 * Opens a device and registers a backend of TensorFlow on it. TensorFlow would open one itself, but nobody could then
 * open a second one in the place of one that was lost.
 */
async function openDevice({ software }: { software: boolean }): Promise<RunningDevice | undefined> {
  const dawn = await import('webgpu').catch(() => undefined);
  // Before there is a `navigator.gpu`: the package registers a backend of its own where it finds one.
  const kernels = await import('./kernels/webgpu/index.js').catch(() => undefined);
  if (dawn === undefined || kernels === undefined) return undefined;
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null || (isSoftware(adapter) && !software)) return undefined;

  Object.assign(globalThis, dawn.globals);
  const navigator: unknown = Reflect.get(globalThis, 'navigator') ?? {}; // Node 20 has none.
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const device = await adapter.requestDevice(deviceDescriptor(adapter));
  kernels.registerWebGpuBackend(device, adapter.info);
  return { device, watch: watchDevice(device), description: describe(adapter) };
}

/** All the memory and the largest workgroups that the adapter allows: WebGPU gives less unless it is asked. */
function deviceDescriptor({ features, limits }: GPUAdapter): GPUDeviceDescriptor {
  return {
    requiredFeatures: features.has('timestamp-query') ? ['timestamp-query'] : [],
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  };
}

/** The adapter's name for a person. */
export function describe({ info }: GPUAdapter): string {
  return info.description || info.device || 'unnamed adapter';
}

/** Whether the adapter computes on the processor. */
export function isSoftware({ info }: GPUAdapter): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(info.description);
}
