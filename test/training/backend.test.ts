import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import { selectBackend } from '../../src/training/backend.js';
import { coded } from '../coded.js';

function installed(packageName: string): boolean {
  try {
    import.meta.resolve(packageName);
    return true;
  } catch {
    return false;
  }
}

describe('training/backend', () => {
  after(() => selectBackend('wasm'));

  it('runs wasm with SIMD', async () => {
    expect(await selectBackend('wasm')).to.deep.equal({ name: 'wasm', description: 'wasm (SIMD)' });
    expect(tf.getBackend()).to.equal('wasm');
  });

  it('never takes plain cpu by itself, but does when asked', async () => {
    expect((await selectBackend('auto')).name).not.to.equal('cpu');
    expect((await selectBackend('cpu')).name).to.equal('cpu');
    expect(tf.getBackend()).to.equal('cpu');
  });

  for (const [choice, packageName] of [
    ['cuda', '@tensorflow/tfjs-node-gpu'],
    ['native', '@tensorflow/tfjs-node'],
  ] as const) {
    it(`says how to get ${choice} where it is missing`, async function () {
      if (installed(packageName)) this.skip();
      const { hint } = await coded('backend.missing', () => selectBackend(choice));
      expect(hint).to.include(`npm install ${packageName}@`);
    });
  }

  it('leaves no handlers of uncaught errors behind', async () => {
    await selectBackend('wasm');
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      const sources = process.listeners(event as 'exit').map(String);
      expect(sources.filter((source) => /ExitStatus|throw reason/.test(source))).to.deep.equal([]);
    }
  });
});
