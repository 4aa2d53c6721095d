import { DeviceLost, type DeviceWatch } from '../backend-errors.js';

export interface WatchedDevice extends DeviceWatch {
  /** Whether anything has failed so far, as far as is known. */
  hasFailed(): boolean;
}

/** Keeps the first failure of a WebGPU device, which reports an allocation that failed to nobody in particular. */
export function watchDevice(device: GPUDevice): WatchedDevice {
  let first: Error | undefined;
  const listeners: ((reason: Error) => void)[] = [];
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault(); // Dawn would print it, and all that comes of it.
    first ??= new Error(event.error.message);
  });
  void device.lost.then(({ message }) => {
    const reason = new DeviceLost(message);
    first ??= reason;
    for (const listener of listeners) listener(reason);
  });
  return {
    hasFailed: () => first !== undefined,
    failure: async () => {
      // Errors are told in the order of the calls, so all of those before are told when this scope is closed.
      device.pushErrorScope('internal');
      await device.popErrorScope().catch(() => undefined);
      return first;
    },
    onLost: (listener) => {
      if (first instanceof DeviceLost) listener(first);
      listeners.push(listener);
    },
  };
}
