import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { expect } from 'chai';

import { VeilmarkError } from '../../src/base/index.js';
import { selectBackend } from '../../src/training/backend.js';
import type { EngineState } from '../../src/training/engine.js';
import { evaluate } from '../../src/training/evaluate.js';
import { checkModelFits, loadModelFolder } from '../../src/training/loaded-model.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import { modelDigest, readModelFiles } from '../../src/training/model-files.js';
import { saveModelFolder } from '../../src/training/model-folder.js';
import { topologyName } from '../../src/training/models/topology.js';
import { train, type TrainResult } from '../../src/training/train.js';
import { coded } from '../coded.js';
import { classNames, dataset, hiddenTriggers, options, shape, spec } from './fixtures.js';

const test = dataset(40, 'test');

describe('model folder', () => {
  let parent: string;
  let folder: string;
  let saved: string;
  let result: TrainResult;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'veilmark-model-'));
    folder = join(parent, 'model');
    await selectBackend('wasm');
    const tensors = tf.memory().numTensors;
    const { optimizer } = options;
    const engine = await createLocalEngine({ spec, optimizer, backend: 'wasm', seed: 1 });
    const triggers = hiddenTriggers();
    result = await train({ engine, task: dataset(200, 'task'), test, triggers, options });
    const backend = engine.description;
    const about = { options, classNames, result, backend, triggers };
    saved = (await saveModelFolder(folder, about)).digest;
    await engine.close();
    expect(tf.memory().numTensors).to.equal(tensors);
  });
  after(() => rm(parent, { recursive: true }));

  it('loads with the same answers, specification and digest', async () => {
    const tensors = tf.memory().numTensors;
    const model = await loadModelFolder(folder, { backend: 'wasm' });
    expect(await evaluate(model, test, { classes: 4 })).to.deep.equal(result.test);
    expect(model.spec).to.deep.equal(spec);
    expect(model.digest).to.equal(saved);
    expect(await modelDigest(folder)).to.equal(saved);
    expect(await model.weights()).to.deep.equal(result.state.weights);
    expect(model.manifest).to.deep.include({
      classNames,
      data: result.dataDigest,
      commitment: Buffer.from(hiddenTriggers().commitment).toString('hex'),
    });
    expect(model.manifest!.accuracy.test).to.equal((1e6 * result.test.correct) / 40);
    expect(model.manifest!.recipe.schedule).to.deep.equal({
      kind: 'warmup',
      peak: '0.01',
      fraction: '0.2',
    });
    model.dispose();
    expect(tf.memory().numTensors).to.equal(tensors);
  });

  it('is one that TensorFlow.js itself loads', async () => {
    await selectBackend('wasm');
    const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
    const bytes = new Uint8Array(await readFile(join(folder, 'weights.bin')));
    const artifacts = await tf.io.getModelArtifactsForJSON(json, (manifest) =>
      Promise.resolve([manifest.flatMap(({ weights }) => weights), bytes.buffer]),
    );
    const model = await loadLayersModel(tf.io.fromMemory(artifacts));
    const input = tf.tensor4d(
      Float32Array.from(test.pixels, (byte) => (byte / 255 - 0.5) / 0.5),
      [40, 6, 6, 1],
    );
    const labels = tf.argMax(model.predict(input) as tf.Tensor2D, 1).dataSync<'int32'>();
    const correct = labels.filter((label, i) => label === test.labels[i]).length;
    expect(correct).to.equal(result.test.correct);
    input.dispose();
    model.dispose();
  });

  it('is refused after a change of any byte of any file', async () => {
    const copy = join(parent, 'flipped');
    await cp(folder, copy, { recursive: true });
    for (const name of await readdir(folder)) {
      const bytes = new Uint8Array(await readFile(join(folder, name)));
      const step = name === 'weights.bin' ? 97 : 1;
      for (let at = 0; at < bytes.length; at += step) {
        const flipped = bytes.slice();
        flipped[at]! ^= 1 << (at % 8);
        await writeFile(join(copy, name), flipped);
        const error = await readModelFiles(copy).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (!(error instanceof VeilmarkError)) {
          expect.fail(`${name}, byte ${at}: ${error instanceof Error ? error.stack : 'accepted'}`);
        }
        expect(error.code).to.match(/^model\.(manifest|digest)$/);
      }
      for (const length of [0, 1, bytes.length >> 1, bytes.length - 1]) {
        await writeFile(join(copy, name), bytes.subarray(0, length));
        const expected = name === 'veilmark.json' ? 'model.manifest' : 'model.digest';
        await coded(expected, () => readModelFiles(copy));
      }
      await writeFile(join(copy, name), bytes);
    }
    expect((await readModelFiles(copy)).digest).to.equal(saved);
  });

  it('is refused when a file is missing', async () => {
    const copy = join(parent, 'missing');
    await coded('file.missing', () => loadModelFolder(copy));
    await cp(folder, copy, { recursive: true });
    await rm(join(copy, 'weights.bin'));
    await coded('file.missing', () => loadModelFolder(copy));
  });

  it('without a manifest loads as what it is, with a digest of its files', async () => {
    const copy = join(parent, 'plain');
    await cp(folder, copy, { recursive: true });
    await rm(join(copy, 'veilmark.json'));
    const model = await loadModelFolder(copy, {
      backend: 'wasm',
      preprocessing: spec.preprocessing,
    });
    expect(model.manifest).to.equal(undefined);
    const { topology, architecture, ...others } = model.spec;
    expect(architecture).to.equal(topologyName(topology!));
    expect({ ...others, architecture: spec.architecture }).to.deep.equal(spec);
    expect(model.digest).not.to.equal(saved);
    expect(await evaluate(model, test, { classes: 4 })).to.deep.equal(result.test);
    model.dispose();
    const frozen = await readFile(join(copy, 'model.json'), 'utf8');
    await writeFile(
      join(copy, 'model.json'),
      frozen.replaceAll('"trainable":true', '"trainable":false'),
    );
    const cold = await loadModelFolder(copy, { backend: 'wasm' });
    expect(cold.spec.preprocessing).to.deep.equal({ mean: [0], std: [1] });
    expect(await cold.weights()).to.deep.equal(result.state.weights);
    cold.dispose();
    await writeFile(join(copy, 'weights.bin'), 'short');
    await coded('model.load', () => loadModelFolder(copy, { backend: 'wasm' }));
    for (const text of ['', '[]', '{"modelTopology": {}}', await outside(copy)]) {
      await writeFile(join(copy, 'model.json'), text);
      await coded('model.json', () => loadModelFolder(copy, { backend: 'wasm' }));
    }
    await writeFile(join(copy, 'model.json'), '{"modelTopology": {}, "weightsManifest": []}');
    await coded('model.load', () => loadModelFolder(copy, { backend: 'wasm' }));
  });

  it('is refused for other images or classes, naming both', async () => {
    const model = { spec };
    const what = 'the commitment';
    const wide = { ...shape, width: 7 };
    const first = await coded('model.shape', () => {
      checkModelFits(model, { what, shape: wide, classes: 4 });
    });
    expect(first.message).to.include('6x6x1').and.include('the commitment has 6x7x1');
    const second = await coded('model.classes', () => {
      checkModelFits(model, { what, shape, classes: 10 });
    });
    expect(second.message).to.include('4 classes').and.include('the commitment has 10');
  });

  it('is never overwritten, and never half written', async () => {
    const about = { options, classNames, result, backend: 'wasm' };
    await coded('file.exists', () => saveModelFolder(folder, about));
    const blocked = join(folder, 'model.json', 'inside-a-file');
    await coded('file.write', () => saveModelFolder(blocked, about));
    const wrong: EngineState = { weights: [], optimizer: [] };
    const unwritable = { ...about, options: { ...options, seed: '\ud800' } };
    await coded('encoding.json', () =>
      saveModelFolder(join(parent, 'never'), {
        ...unwritable,
        result: { ...result, state: wrong },
      }),
    );
    expect((await readdir(parent)).filter((name) => name.startsWith('.'))).to.deep.equal([]);
    expect(await readdir(parent)).not.to.include('never');
  });
});

/** A `model.json` whose weights lie outside its folder. */
async function outside(folder: string): Promise<string> {
  return (await readFile(join(folder, 'model.json'), 'utf8')).replace(
    'weights.bin',
    '../model/weights.bin',
  );
}
