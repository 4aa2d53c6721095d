import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import { openTfjsSuspect, tfjsSuspect } from '../../src/suspect/index.js';
import { imageAt } from '../../src/training/dataset.js';
import { predictLabels } from '../../src/training/evaluate.js';
import type { LoadedModel } from '../../src/training/loaded-model.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import { saveModelFolder } from '../../src/training/model-folder.js';
import { coded } from '../coded.js';
import { classNames, dataset, options, shape, spec } from '../training/fixtures.js';

const images = dataset(300, 'questions');
const asked = Array.from(images.labels, (_, i) => imageAt(images, i));
const expected = { what: 'the commitment', shape, classes: 4 };

describe('a suspect that is a model folder', () => {
  let parent: string;
  let folder: string;
  let labels: Int32Array;
  let digest: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'veilmark-suspect-'));
    folder = join(parent, 'model');
    const { optimizer } = options;
    const engine = await createLocalEngine({ spec, optimizer, backend: 'wasm', seed: 5 });
    labels = await predictLabels(engine, images, { classes: 4 });
    const measured = { test: { correct: 0, total: 0 }, dataDigest: '0'.repeat(64) };
    const result = { ...measured, state: await engine.state(), initialDigest: '0'.repeat(64) };
    ({ digest } = await saveModelFolder(folder, { options, classNames, result, backend: 'wasm' }));
    await engine.close();
  });
  after(() => rm(parent, { recursive: true }));

  it('answers as the network does, in order, and leaves no tensor behind', async () => {
    const tensors = tf.memory().numTensors;
    const suspect = await openTfjsSuspect(folder, { backend: 'wasm', expected });
    const answers = await suspect.classify(asked);
    expect(answers).to.deep.equal(Array.from(labels, (label) => ({ label })));
    expect(suspect.descriptor).to.deep.include({ kind: 'tfjs', identity: digest, shape: '6x6x1' });
    await suspect.close();
    expect(tf.memory().numTensors).to.equal(tensors);
  });

  it('that does not fit is refused, and leaves no tensor behind', async () => {
    const tensors = tf.memory().numTensors;
    const open = (change: object) => () =>
      openTfjsSuspect(folder, { backend: 'wasm', expected: { ...expected, ...change } });
    await coded('model.classes', open({ classes: 5 }));
    await coded('model.shape', open({ shape: { ...shape, channels: 3 } }));
    expect(tf.memory().numTensors).to.equal(tensors);
  });

  it('takes the lowest of equal classes, and refuses what is no answer', async () => {
    const give = (...logits: number[]): LoadedModel => ({
      spec,
      digest,
      backend: 'none',
      predict: () => Promise.resolve(Float32Array.from(logits)),
      weights: () => Promise.resolve([]),
      dispose: () => undefined,
    });
    const ask = (model: LoadedModel, signal?: AbortSignal) =>
      tfjsSuspect(model).classify(asked.slice(0, 2), signal);
    expect(await ask(give(1, 2, 2, 0, 5, 5, 5, 5))).to.deep.equal([{ label: 1 }, { label: 0 }]);
    const answers = await ask(give(1, NaN, 2, 0, 0, 0, Infinity, 0));
    expect(answers).to.deep.equal(Array(2).fill({ refused: 'suspect.answer' }));
    expect(await ask(give(1, 2, 3))).to.deep.equal(Array(2).fill({ refused: 'suspect.count' }));
    const broken = { ...give(), predict: () => Promise.reject(new Error('no memory')) };
    expect(await ask(broken)).to.deep.equal(Array(2).fill({ refused: 'suspect.failed' }));
    expect(await ask(give(), AbortSignal.abort())).to.deep.equal(
      Array(2).fill({ refused: 'suspect.stopped' }),
    );
    const odd = [{ shape: { ...shape, width: 1 }, pixels: new Uint8Array(6) }];
    expect(await tfjsSuspect(give()).classify(odd)).to.deep.equal([{ refused: 'suspect.shape' }]);
  });
});
