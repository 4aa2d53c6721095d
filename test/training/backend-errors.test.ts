import { expect } from 'chai';

import { EnvironmentError, InputError } from '../../src/base/index.js';
import {
  type BackendGuard,
  DeviceLost,
  type DeviceWatch,
  guardBackend,
} from '../../src/training/backend-errors.js';
import { coded } from '../coded.js';

const description = 'webgpu (a card)';

/** A device that fails when the test says so. */
class FakeDevice implements DeviceWatch {
  #failure: Error | undefined;
  #listener: ((reason: Error) => void) | undefined;
  readonly guard: BackendGuard = guardBackend({ description }, this);

  failure(): Promise<Error | undefined> {
    return Promise.resolve(this.#failure);
  }

  onLost(listener: (reason: Error) => void): void {
    this.#listener = listener;
  }

  fail(message: string): void {
    this.#failure ??= new Error(message);
  }

  lose(message: string): void {
    this.#failure ??= new DeviceLost(message);
    this.#listener?.(this.#failure);
  }
}

const native = (): BackendGuard => guardBackend({ description: 'cuda (a package)' });

const failing = (error: Error) => () => Promise.reject(error);

describe('training/backend-errors', () => {
  it('gives what the work gives', async () => {
    const { guard } = new FakeDevice();
    expect(await guard.run(() => 3)).to.equal(3);
    expect(await guard.run(() => Promise.resolve('x'))).to.equal('x');
  });

  it('refuses a result that was computed without memory, and all after it', async () => {
    const device = new FakeDevice();
    const run = (): Promise<number> =>
      device.guard.run(() => {
        device.fail('vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY\n - While calling');
        return 0;
      });
    const error = await coded('backend.memory', run);
    expect(error).to.be.instanceOf(EnvironmentError);
    expect(error.message).to.equal(
      'webgpu (a card): out of memory (vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY)',
    );
    expect(error.hint).to.match(/smaller --batch.*--resume/);
    let asked = false;
    await coded('backend.memory', () => device.guard.run(() => (asked = true)));
    expect(asked).to.be.false;
  });

  it('does not wait for a device that is lost', async () => {
    const device = new FakeDevice();
    const never = device.guard.run(() => new Promise<never>(() => undefined));
    const also = device.guard.run(() => new Promise<never>(() => undefined));
    device.lose('the driver was reset');
    const error = await coded('backend.lost', () => never);
    expect(error.message).to.include('the driver was reset');
    expect(error.hint).to.include('--resume');
    await coded('backend.lost', () => also);
  });

  it('names the cause, not what came of it', async () => {
    const device = new FakeDevice();
    await coded('backend.memory', () =>
      device.guard.run(() => {
        device.fail('Buffer size (4294967296) exceeds the max buffer size limit (1073741824).');
        throw new TypeError('a reading of nothing');
      }),
    );
  });

  const texts: [code: string, text: string][] = [
    ['backend.memory', 'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[128]'],
    ['backend.memory', 'Invalid TF_Status: 8\nMessage: failed to do anything'],
    ['backend.memory', 'ResourceExhaustedError: OOM'],
    ['backend.memory', 'CUDA_ERROR_OUT_OF_MEMORY: out of memory'],
    ['backend.memory', 'createBuffer failed to allocate a buffer mapped at creation.'],
    ['backend.memory', 'Array buffer allocation failed'],
    [
      'backend.memory',
      'Binding size (536870912) of [Buffer] is larger than the maximum storage buffer binding size (134217728).',
    ],
    [
      'backend.lost',
      'Message: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered',
    ],
    ['backend.lost', 'Device is lost'],
  ];
  it('knows the words of the native packages', async () => {
    for (const [code, text] of texts) {
      await coded(code, () => native().run(failing(new Error(text))));
    }
  });

  it('lets all other errors pass as they are', async () => {
    const guard = native();
    const defect = new TypeError('x is not a function');
    expect(await guard.run(failing(defect)).catch((error: unknown) => error)).to.equal(defect);
    const input = new InputError({ code: 'engine.state', message: 'out of memory of states' });
    expect(await guard.run(failing(input)).catch((error: unknown) => error)).to.equal(input);
    expect(await guard.run(() => 1)).to.equal(1);
  });
});
