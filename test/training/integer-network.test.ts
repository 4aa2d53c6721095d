import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { bytesToHex, type Image } from '../../src/base/index.js';
import { classOf, distanceBetween, firstDifference, runNetwork } from '../../src/network/index.js';
import { imageAt } from '../../src/training/dataset.js';
import {
  calibrationDigest,
  measureFidelity,
  quantiseFolder,
  rescaleFolder,
} from '../../src/training/integer-network.js';
import { loadModelFolder } from '../../src/training/loaded-model.js';
import { createLocalEngine } from '../../src/training/local-engine.js';
import { saveModelFolder } from '../../src/training/model-folder.js';
import { train } from '../../src/training/train.js';
import { coded } from '../coded.js';
import { classNames, dataset, options, spec } from './fixtures.js';

const imagesOf = (count: number, seed: string): Image[] => {
  const images = dataset(count, seed);
  return Array.from({ length: count }, (_, i) => imageAt(images, i));
};

describe('integer network of a model folder', () => {
  const images = imagesOf(60, 'calibration');
  const test = imagesOf(100, 'test');
  let parent: string;
  let folder: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'veilmark-integer-'));
    folder = join(parent, 'model');
    const { optimizer } = options;
    const engine = await createLocalEngine({ spec, optimizer, backend: 'wasm', seed: 1 });
    const data = { task: dataset(200, 'task'), test: dataset(40, 'test') };
    const unmarked = { ...options, triggersPerBatch: 1 };
    const result = await train({ engine, ...data, options: unmarked });
    const backend = engine.description;
    await saveModelFolder(folder, { options: unmarked, classNames, result, backend });
    await engine.close();
  });
  after(() => rm(parent, { recursive: true }));

  /** A copy without a manifest, whose `model.json` is changed. */
  async function plainCopy(name: string, change: (json: ModelJson) => void): Promise<string> {
    const copy = join(parent, name);
    await cp(folder, copy, { recursive: true });
    await rm(join(copy, 'veilmark.json'));
    const json = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8')) as ModelJson;
    change(json);
    await writeFile(join(copy, 'model.json'), JSON.stringify(json));
    return copy;
  }

  it('does what the model does, with its preprocessing, and names the model and the images', async () => {
    const network = await quantiseFolder(folder, { images });
    const model = await loadModelFolder(folder, { backend: 'wasm' });
    const progress: number[] = [];
    const fidelity = await measureFidelity(network, model, test, (done) => progress.push(done));
    expect(fidelity).to.deep.equal({ agreed: 100, asked: 100, outOfRange: 0 });
    expect(progress).to.deep.equal([100]);
    expect(bytesToHex(network.model)).to.equal(model.digest);
    expect(network).to.include({ A: 10, S: 10, neurons: 128, classes: 4 });
    expect(network.calibration.images).to.equal(60);
    expect(network.calibration.digest).to.deep.equal(calibrationDigest(images));
    const other = calibrationDigest(images.slice(1));
    expect(bytesToHex(other)).not.to.equal(bytesToHex(calibrationDigest(images)));
    model.dispose();
  });

  it('is the same again with its own scales, whatever the images and bits were', async () => {
    for (const [A, S] of [
      [10, 10],
      [8, 9],
    ] as const) {
      const network = await quantiseFolder(folder, { A, S, images, headroom: 2 });
      const again = await rescaleFolder(folder, network);
      expect(again.bytes).to.deep.equal(network.bytes);
      expect(firstDifference(network, again)).to.equal(undefined);
      expect(distanceBetween(network, again)).to.include({ differing: 0, relative: 0 });
    }
  });

  it('measures how far two roundings of one model are from each other', async () => {
    const [a, b] = [
      await quantiseFolder(folder, { images }),
      await quantiseFolder(folder, { images, headroom: 3 }),
    ];
    const { isSameGraph, differing, weights, relative } = distanceBetween(a, b);
    expect(isSameGraph).to.equal(true);
    expect(differing).to.be.above(weights / 2);
    expect(relative).to.be.within(1e-7, 0.01);
    const coarse = await quantiseFolder(folder, { S: 8, images });
    expect(distanceBetween(a, coarse).isSameGraph).to.equal(false);
  });

  it('counts an image that leaves the range, or a model without an answer, as not agreed', async () => {
    const network = await quantiseFolder(folder, { images: images.slice(0, 1), headroom: 0.02 });
    const outside = test.filter((image) => !runNetwork(network, image).inRange).length;
    expect(outside).to.be.above(0);
    const best = test.map((image) => classOf(runNetwork(network, image)));
    const predict = (_: Uint8Array, count: number): Promise<Float32Array> =>
      Promise.resolve(
        Float32Array.from({ length: 4 * count }, (_, i) =>
          i % 4 === Math.max(0, best[Math.floor(i / 4)]!) ? 1 : 0,
        ),
      );
    const fidelity = await measureFidelity(network, { predict }, test);
    expect(fidelity).to.deep.equal({ agreed: 100 - outside, asked: 100, outOfRange: outside });
    const silent = (_: Uint8Array, count: number): Promise<Float32Array> =>
      Promise.resolve(new Float32Array(4 * count).fill(NaN));
    const none = await measureFidelity(network, { predict: silent }, test);
    expect(none.agreed).to.equal(0);
  });

  it('takes a folder of another program with pixels scaled to [0, 1]', async () => {
    const copy = await plainCopy('plain', () => undefined);
    const network = await quantiseFolder(copy, { images });
    const model = await loadModelFolder(copy, { backend: 'wasm' });
    expect((await measureFidelity(network, model, test)).agreed).to.equal(100);
    expect(bytesToHex(network.model)).to.equal(model.digest);
    model.dispose();
  });

  it('refuses weights that are not 32-bit floats, too few of them, and no images', async () => {
    await coded('network.images', () => quantiseFolder(folder, { images: [] }));
    const integers = await plainCopy('integers', ({ weightsManifest: [first] }) => {
      first!.weights[0]!.dtype = 'int32';
    });
    const { message } = await coded('network.layer', () => quantiseFolder(integers, { images }));
    expect(message).to.match(/int32.*32-bit floats/);
    const packed = await plainCopy('packed', ({ weightsManifest: [first] }) => {
      first!.weights[0]!.quantization = { dtype: 'uint8', scale: 1, min: 0 };
    });
    await coded('network.layer', () => quantiseFolder(packed, { images }));
    const short = await plainCopy('short', ({ weightsManifest: [first] }) => {
      first!.weights.pop();
    });
    await coded('model.json', () => quantiseFolder(short, { images }));
  });

  it('refuses scales of another model', async () => {
    const network = await quantiseFolder(folder, { images });
    const nodes = network.nodes.map((node) =>
      node.kind === 'relu' ? { ...node, scales: node.scales.slice(1) } : node,
    );
    await coded('network.scale', () => rescaleFolder(folder, { ...network, nodes }));
  });
});

interface ModelJson {
  weightsManifest: { weights: { dtype: string; quantization?: object }[] }[];
}
