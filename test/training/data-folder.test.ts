import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

import { image, parseShape } from '../../src/base/index.js';
import { type Fit, writePicture } from '../../src/files/index.js';
import { loadDataset } from '../../src/training/data/index.js';
import { imageAt } from '../../src/training/dataset.js';
import { coded } from '../coded.js';

describe('a folder of pictures by class', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-folder-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (path: string, value: number, shape = '4x4x1') => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const size = parseShape(shape);
    const pixels = new Uint8Array(size.height * size.width * size.channels).fill(value);
    await writePicture(join(folder, path), image(size, pixels));
  };
  const load = (split: 'train' | 'test', shape = '4x4x1', fit?: Fit) =>
    loadDataset(`folder:${folder}`, { split, shape: parseShape(shape), fit });
  const both = async (split: string) => {
    await write(`${split}/cat/1.png`, 10);
    await write(`${split}/dog/1.png`, 20);
  };

  it('gives classes and pictures in natural order', async () => {
    await both('test');
    await write('train/dog/10.png', 40);
    await write('train/dog/9.png', 30);
    await write('train/cat/x.png', 10);
    await writeFile(join(folder, 'train', '.DS_Store'), 'x');
    await writeFile(join(folder, 'LICENSE'), 'x');
    const train = await load('train');
    expect(train.classNames).to.deep.equal(['cat', 'dog']);
    expect([...train.labels]).to.deep.equal([0, 1, 1]);
    expect([0, 1, 2].map((i) => imageAt(train, i).pixels[0])).to.deep.equal([10, 30, 40]);
    expect([...(await load('test')).labels]).to.deep.equal([0, 1]);
  });

  it('can be without splits, for training', async () => {
    for (const name of ['10', '9', '2']) await write(`${name}/a.png`, Number(name));
    expect((await load('train')).classNames).to.deep.equal(['2', '9', '10']);
    const error = await coded('dataset.split', () => load('test'));
    expect(error.hint).to.contain(join(folder, 'test', 'CLASS'));
  });

  it('brings pictures to the shape as asked, and else names the one that does not fit', async () => {
    await both('train');
    await write('train/cat/wide.png', 5, '6x9x3');
    const error = await coded('picture.shape', () => load('train'));
    expect(error.message).to.contain(join('train', 'cat', 'wide.png'));
    for (const fit of ['resize', 'crop'] as const) {
      const { pixels, shape } = await load('train', '4x4x3', fit);
      expect(shape).to.deep.equal(parseShape('4x4x3'));
      expect(pixels.length).to.equal(3 * 48);
      expect([...new Set(pixels.subarray(48, 96))]).to.deep.equal([5]);
    }
  });

  it('is refused with stray files, and names them', async () => {
    await both('train');
    const stray = async (path: string) => {
      await writeFile(join(folder, path), 'x');
      const error = await coded('dataset.stray', () => load('train'));
      expect(error.message).to.contain(join(folder, path));
      await rm(join(folder, path));
    };
    await stray('train/notes.txt');
    await stray('train/cat/notes.txt');
    await stray('train/cat/1.gif');
    await mkdir(join(folder, 'train/cat/more'));
    await coded('dataset.stray', () => load('train'));
    await rm(join(folder, 'train/cat/more'), { recursive: true });
    await mkdir(join(folder, 'bird'));
    await coded('dataset.stray', () => load('train'));
  });

  it('is refused with an empty class, or fewer than two classes', async () => {
    await both('train');
    await mkdir(join(folder, 'train/empty'));
    const error = await coded('dataset.empty-class', () => load('train'));
    expect(error.message).to.contain('empty');
    await rm(join(folder, 'train/empty'), { recursive: true });
    await rm(join(folder, 'train/dog'), { recursive: true });
    await coded('dataset.classes', () => load('train'));
    await rm(folder, { recursive: true });
    await coded('file.folder', () => load('train'));
    await mkdir(folder);
  });

  it('is refused when the splits have other classes, for labels would shift', async () => {
    await both('train');
    await both('test');
    await write('train/bird/1.png', 1);
    for (const split of ['train', 'test'] as const) {
      const error = await coded('dataset.classes', () => load(split));
      expect(error.message).to.contain('bird');
    }
  });

  it('is refused with a damaged picture, by its path', async () => {
    await both('train');
    await writeFile(join(folder, 'train/dog/2.png'), 'x');
    const error = await coded('picture.unreadable', () => load('train'));
    expect(error.message).to.contain(join('train', 'dog', '2.png'));
  });
});
