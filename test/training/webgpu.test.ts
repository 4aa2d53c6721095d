import { existsSync } from 'node:fs';

import { expect } from 'chai';

import type { EngineState } from '../../src/training/engine.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import { adam, distance, noise, small } from './engines.js';

/** Where Debian's `chromium` and other packages put the manifest of SwiftShader, a Vulkan driver in software. */
const swiftShader = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
].find((path) => existsSync(path));

const driver = process.env['VK_DRIVER_FILES'] ?? swiftShader;
const reason =
  driver === undefined ? ' (skipped: no Vulkan driver; install chromium, libvulkan1)' : '';

describe('training/webgpu', function () {
  this.slow(20000);

  it(`takes the same step as wasm${reason}`, async function () {
    if (driver === undefined) this.skip();
    process.env['VK_DRIVER_FILES'] = driver; // read when Dawn is loaded
    const spec = small('cnn');
    const batch = noise(spec, 4);
    const losses: number[] = [];
    const states: EngineState[] = [];
    for (const backend of ['webgpu', 'wasm'] as const) {
      const engine = await createLocalEngine({ spec, optimizer: adam, backend, seed: 5 });
      expect(engine.description).to.match(new RegExp(`^${backend}`));
      losses.push((await engine.step(batch, 0.001)).loss);
      states.push(await engine.state());
      await engine.close();
    }
    expect(losses[0]).to.be.closeTo(losses[1]!, 1e-5);
    expect(distance(states[0]!, states[1]!)).to.be.lessThan(1e-5);
  });
});
