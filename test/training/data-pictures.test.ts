import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { expect } from 'chai';

import { parseShape } from '../../src/base/index.js';
import {
  loadDataset,
  loadPictures,
  openPictures,
  type PictureListing,
  pictureSource,
} from '../../src/training/data/index.js';
import { imageAt } from '../../src/training/dataset.js';
import { coded } from '../coded.js';
import { png, put, tar } from './data-fixtures.js';

const shape = parseShape('4x4x1');

describe('pictures read one by one', () => {
  let folder: string;
  let specs: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-pictures-'));
    const names = ['cat/1.png', 'cat/2.png', 'dog/1.png'];
    const entries = await Promise.all(
      names.map(async (path, i) => ({ path, data: await png(10 * (i + 1)) })),
    );
    for (const { path, data } of entries) await put(join(folder, 'data', path), data);
    await writeFile(join(folder, 'data.tar'), tar(entries));
    specs = ['data', 'data.tar'].map((name) => `folder:${join(folder, name)}`);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (spec: string, changes: object = {}) =>
    openPictures(spec, { split: 'train', shape, ...changes });

  it('are those of the data set, in any order', async () => {
    for (const spec of specs) {
      const dataset = await loadDataset(spec, { split: 'train', shape });
      const source = await open(spec);
      expect(source).to.deep.include({ shape, count: 3, classNames: ['cat', 'dog'] });
      expect([...source.labels]).to.deep.equal([0, 0, 1]);
      for (const index of [2, 0, 1, 2]) {
        expect(await source.read(index)).to.deep.equal(imageAt(dataset, index).pixels);
      }
      for (const index of [-1, 3, 0.5]) await coded('dataset.index', () => source.read(index));
    }
  });

  it('can be described to another thread', async () => {
    for (const spec of specs) {
      const { listing } = await open(spec);
      const clone = pictureSource(structuredClone(listing));
      expect([...(await clone.read(2))]).to.deep.equal(new Array(16).fill(30));
      expect([...(await readInThread(listing, 1))]).to.deep.equal(new Array(16).fill(20));
    }
  });

  it('of an archive are shared with another thread, not copied', async () => {
    const { listing } = await open(specs[1]!);
    const [original, cloned] = [listing, structuredClone(listing)].map(
      ({ files }) => files[0]!.bytes!,
    );
    original![0]! ^= 1;
    expect(cloned![0]).to.equal(original![0]);
    await coded('picture.unreadable', () => pictureSource(listing).read(0));
  });

  it('have a digest of names, sizes, classes and form', async () => {
    const digest = async (changes?: object) => (await open(specs[0]!, changes)).listingDigest;
    const seen = new Set([await digest()]);
    expect(seen).to.include((await open(specs[1]!)).listingDigest);
    seen.add(await digest({ shape: parseShape('4x4x3') }));
    seen.add(await digest({ fit: 'crop' }));
    await put(join(folder, 'data/cat/1.png'), 'x');
    seen.add(await digest());
    await put(join(folder, 'data/cat/0.png'), await png(3));
    seen.add(await digest());
    await put(join(folder, 'data/bird/0.png'), await png(3));
    seen.add(await digest());
    expect(seen).to.have.property('size', 6);
  });

  it('are reported as they are decoded', async () => {
    const reports: string[] = [];
    const onProgress = (done: number, total: number) => reports.push(`${done}/${total}`);
    await loadDataset(specs[0]!, { split: 'train', shape, onProgress });
    expect(reports).to.deep.equal(['1/3', '2/3', '3/3']);
  });

  it('are refused for other kinds, without a shape, or above what memory holds', async () => {
    for (const spec of ['fashion-mnist', `idx:${folder}`, `stl10:${folder}`]) {
      await coded('dataset.kind', () => open(spec));
    }
    await coded('dataset.unknown', () => open('x:y'));
    await coded('dataset.shape', () => open(specs[0]!, { shape: undefined }));
    const source = await open(specs[0]!, { shape: parseShape('1024x1024x3') });
    const error = await coded('dataset.size', () => loadPictures({ ...source, count: 700 }));
    expect(error.message).to.contain('700 pictures of 1024x1024x3');
  });
});

/** What a worker thread reads that is given nothing but the listing. */
async function readInThread(listing: PictureListing, index: number): Promise<Uint8Array> {
  const entry = new URL('../../src/training/data/picture-source.ts', import.meta.url).href;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('tsx/esm/api')
      .then(({ register }) => { register(); return import('${entry}'); })
      .then(({ pictureSource }) => pictureSource(workerData.listing).read(workerData.index))
      .then((pixels) => parentPort.postMessage(pixels));`;
  const worker = new Worker(code, { workerData: { listing, index }, eval: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}
