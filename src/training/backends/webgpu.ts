import { existsSync } from 'node:fs';
import { platform } from 'node:os';

import type { DeviceWatch } from '../backend-errors.js';
import { isInstalled } from './installed.js';
import { watchDevice, type WatchedDevice } from './webgpu-watch.js';

/** Device files of which a Linux machine with a graphics processor has one (the last: Windows' under WSL). */
const linuxDevices = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'];

/** A GPU's memory and queue, until it fails. */
interface RunningDevice {
  readonly device: GPUDevice;
  readonly watch: WatchedDevice;
  readonly adapter: WebGpuAdapter;
}

export interface WebGpuAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** The adapter's name for a person. */
  readonly name: string;
  /** Whether it computes on the processor, as SwiftShader and lavapipe do. */
  readonly isSoftware: boolean;
}

let running: RunningDevice | undefined;

/**
 * Makes WebGPU TensorFlow's backend: Dawn on any Vulkan, Metal or D3D12 driver. Both packages are optional.
 *
 * A software adapter is taken only when `software` is set: WebAssembly is faster. A device that failed is replaced by a new
 * one; what lay in its memory is gone. Returns a description for a person, or nothing where packages, drivers or adapters
 * are missing. Throws what Dawn throws where it does not start.
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
    const adapter = missingWebGpuPackage() === undefined ? await findAdapter() : undefined;
    if (adapter === undefined || (adapter.isSoftware && !software)) return undefined;
    running?.device.destroy(); // It may be out of memory, and hold all that there is.
    running = await openDevice(adapter);
  }
  if (!(await tf.setBackend('webgpu'))) return undefined;
  return { description: `webgpu (${running.adapter.name})`, watch: running.watch };
}

/** The first of the packages that is not installed. */
export function missingWebGpuPackage(): string | undefined {
  return ['webgpu', '@tensorflow/tfjs-backend-webgpu'].find((name) => !isInstalled(name));
}

/** The adapter that Dawn prefers, if it finds any. */
export async function findAdapter(): Promise<WebGpuAdapter | undefined> {
  const dawn = await import('webgpu');
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return undefined;
  const { description, device, isFallbackAdapter } = adapter.info;
  return {
    gpu,
    adapter,
    name: description || device || 'unnamed adapter',
    isSoftware: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(description),
  };
}

/**
 * Opens a device and registers a backend of TensorFlow on it. TensorFlow would open one itself, but nobody could then
 * open a second one in the place of one that was lost.
 */
async function openDevice(found: WebGpuAdapter): Promise<RunningDevice> {
  // Before there is a `navigator.gpu`: the package registers a backend of its own where it finds one.
  const { registerWebGpuBackend } = await import('../kernels/webgpu/index.js');
  const navigator: unknown = Reflect.get(globalThis, 'navigator') ?? {}; // Node 20 has none.
  Object.defineProperty(navigator, 'gpu', { value: found.gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const device = await found.adapter.requestDevice(deviceDescriptor(found.adapter));
  registerWebGpuBackend(device, found.adapter.info);
  return { device, watch: watchDevice(device), adapter: found };
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
