import { existsSync } from 'node:fs';

import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend } from '@tensorflow/tfjs-core';

/** Where Debian's `chromium` and other packages put the manifest of SwiftShader, a Vulkan driver in software. */
const swiftShader = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
].find((path) => existsSync(path));

const driver = process.env['VK_DRIVER_FILES'] ?? swiftShader;

/** Behind the name of a test that is skipped. */
export const reason =
  driver === undefined ? ' (skipped: no Vulkan driver; install chromium, libvulkan1)' : '';

/** Skips the test where there is no Vulkan driver, else names it to Dawn, which reads that when it is loaded. */
export function needsVulkan(test: Mocha.Context): void {
  if (driver === undefined) test.skip();
  process.env['VK_DRIVER_FILES'] = driver;
}

/** TensorFlow's current backend, which must be WebGPU. */
export function webGpu(): WebGPUBackend {
  const current = backend();
  if (current instanceof WebGPUBackend) return current;
  throw new TypeError('the current backend is not webgpu');
}
