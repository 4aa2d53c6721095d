import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { expect } from 'chai';
import fc from 'fast-check';

import { bigEndian, concatBytes, InputError, parseShape } from '../../src/base/index.js';
import {
  builtinFolder,
  idxDataset,
  loadBuiltin,
  loadDataset,
  parseIdx,
  unpack,
} from '../../src/training/data/index.js';
import { coded } from '../coded.js';

/** An IDX file. */
function idx(dimensions: readonly number[], data: readonly number[] | Uint8Array, type = 8) {
  return concatBytes(
    Uint8Array.of(0, 0, type, dimensions.length),
    ...dimensions.map((dimension) => bigEndian(dimension, 4)),
    Uint8Array.from(data),
  );
}

const images = idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
const labels = idx([3], [2, 0, 1]);
const classNames = ['a', 'b', 'c'];

describe('IDX files', () => {
  it('give images and labels in order', () => {
    const dataset = idxDataset({ images, labels, classNames, what: 'test' });
    expect(dataset.shape).to.deep.equal(parseShape('2x2x1'));
    expect([...dataset.pixels]).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...dataset.labels]).to.deep.equal([2, 0, 1]);
    const colour = idx([3, 1, 1, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(
      idxDataset({ images: colour, labels, classNames, what: 'test' }).shape.channels,
    ).to.equal(3);
  });

  it('of any dimensions are read as they were written', () => {
    const array = fc
      .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
      .chain((dimensions) => {
        const size = dimensions.reduce((a, b) => a * b, 1);
        return fc.record({
          dimensions: fc.constant(dimensions),
          data: fc.uint8Array({ minLength: size, maxLength: size }),
        });
      });
    fc.assert(
      fc.property(array, ({ dimensions, data }) => {
        expect(parseIdx(idx(dimensions, data), 'test')).to.deep.equal({ dimensions, data });
      }),
    );
  });

  it('are refused when cut off anywhere or too long', async () => {
    for (let length = 0; length < images.length; length++) {
      const code = length < 4 ? 'dataset.idx-magic' : 'dataset.idx-size';
      await coded(code, () => parseIdx(images.subarray(0, length), 'test'));
    }
    await coded('dataset.idx-size', () => parseIdx(concatBytes(images, Uint8Array.of(0)), 'test'));
  });

  it('are refused when they claim more than they hold, before memory is taken', async () => {
    const huge = idx([0xffffffff, 0xffffffff, 0xffffffff], []);
    await coded('dataset.idx-size', () => parseIdx(huge, 'test'));
  });

  it('are refused with another type of numbers or no dimensions', async () => {
    for (const type of [0, 9, 0x0b, 0x0d, 0xff]) {
      await coded('dataset.idx-magic', () => parseIdx(idx([1], [0], type), 'test'));
    }
    await coded('dataset.idx-magic', () => parseIdx(idx([], []), 'test'));
    await coded('dataset.idx-magic', () => parseIdx(idx([1, 1, 1, 1, 1], [0]), 'test'));
  });

  it('give a coded error or a valid data set for any flipped byte', () => {
    const both = concatBytes(images, labels);
    fc.assert(
      fc.property(fc.nat(both.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = both.slice();
        damaged[at]! ^= flip;
        try {
          const dataset = idxDataset({
            images: damaged.subarray(0, images.length),
            labels: damaged.subarray(images.length),
            classNames,
            what: 'test',
          });
          expect(dataset.labels.every((label) => label < 3)).to.equal(true);
          expect(dataset.pixels.length).to.equal(12);
        } catch (error) {
          expect(error).to.be.instanceOf(InputError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are refused when they do not belong together', async () => {
    const join = (override: object) => () =>
      idxDataset({ images, labels, classNames, what: 'test', ...override });
    await coded('dataset.count', join({ labels: idx([2], [0, 1]) }));
    await coded('dataset.count', join({ labels: idx([3, 1], [0, 1, 2]) }));
    await coded('dataset.count', join({ images: idx([0, 2, 2], []), labels: idx([0], []) }));
    await coded('dataset.shape', join({ images: labels }));
    await coded('dataset.shape', join({ images: idx([3, 0, 2], []) }));
    await coded('dataset.shape', join({ images: idx([3, 1, 1, 2], [0, 0, 0, 0, 0, 0]) }));
    await coded('dataset.shape', join({ images: idx([1, 1025, 1], new Uint8Array(1025)) }));
    const error = await coded('dataset.label', join({ labels: idx([3], [0, 3, 1]) }));
    expect(error.message).to.contain('image 1 has the label 3');
  });

  it('in gzip are unpacked, and refused when damaged', async () => {
    const packed = new Uint8Array(gzipSync(images));
    expect(await unpack(packed, 'test')).to.deep.equal(images);
    expect(await unpack(images, 'test')).to.equal(images);
    for (let length = 2; length < packed.length; length++) {
      await coded('dataset.gzip', () => unpack(packed.subarray(0, length), 'test'));
    }
    for (let at = 2; at < packed.length; at++) {
      const damaged = packed.slice();
      damaged[at]! ^= 0x10;
      const outcome = await unpack(damaged, 'test').catch((error: unknown) => error);
      // Some bits carry nothing: the time in the header, the padding of the last byte.
      if (outcome instanceof Error) expect(outcome).to.have.property('code', 'dataset.gzip');
      else expect(outcome).to.deep.equal(images);
    }
  });
});

describe('the data set that ships', () => {
  it('has 1,000 training and 200 test images of each of ten classes', async () => {
    for (const [split, each] of [
      ['train', 1000],
      ['test', 200],
    ] as const) {
      const dataset = await loadDataset('fashion-mnist', { split });
      expect(dataset.shape).to.deep.equal(parseShape('28x28x1'));
      expect(dataset.classNames).to.have.length(10).and.include('Ankle boot');
      expect(dataset.pixels.length).to.equal(each * 10 * 784);
      const counts = new Array<number>(10).fill(0);
      for (const label of dataset.labels) counts[label]! += 1;
      expect(counts).to.deep.equal(new Array(10).fill(each));
    }
  });

  it('has no test image among its training images', async () => {
    const keys = async (split: 'train' | 'test') => {
      const { pixels } = await loadBuiltin(split);
      const count = pixels.length / 784;
      return Array.from({ length: count }, (_, i) =>
        Buffer.from(pixels.subarray(i * 784, (i + 1) * 784)).toString('base64'),
      );
    };
    const train = new Set(await keys('train'));
    expect((await keys('test')).filter((key) => train.has(key))).to.deep.equal([]);
  });

  it('is packed without a name or a time', async () => {
    const manifest = JSON.parse(await readFile(join(builtinFolder, 'manifest.json'), 'utf8')) as {
      splits: Record<string, Record<string, { file: string }>>;
    };
    for (const { images: file } of Object.values(manifest.splits)) {
      const bytes = await readFile(join(builtinFolder, file!.file));
      expect([...bytes.subarray(3, 10)]).to.deep.equal([0, 0, 0, 0, 0, 2, 255]);
    }
  });

  it('is refused when a file or the manifest was changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'veilmark-builtin-'));
    try {
      await cp(builtinFolder, folder, { recursive: true });
      const path = join(folder, 't10k-images-idx3-ubyte.gz');
      const repacked = gunzipSync(await readFile(path));
      repacked[1000]! ^= 1;
      await writeFile(path, gzipSync(repacked));
      await coded('dataset.digest', () => loadBuiltin('test', folder));
      await rm(path);
      await coded('file.missing', () => loadBuiltin('test', folder));
      const manifest = join(folder, 'manifest.json');
      const text = await readFile(manifest, 'utf8');
      for (const changed of [
        '{',
        text.replace('28x28x1', '28x28x3'),
        text.replace('"count": 10000', '"count": 9999'),
        text.replace('train-images', '../train-images'),
      ]) {
        await writeFile(manifest, changed);
        await coded('dataset.manifest', () => loadBuiltin('train', folder));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a folder of IDX files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-idx-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, bytes: Uint8Array) => writeFile(join(folder, name), bytes);
  const load = (split: 'train' | 'test', shape?: string) =>
    loadDataset(`idx:${folder}`, { split, shape: shape ? parseShape(shape) : undefined });

  it('is read packed or not, with classes numbered by the training labels', async () => {
    await write('train-images-idx3-ubyte', images);
    await write('train-labels-idx1-ubyte.gz', gzipSync(labels));
    await write('t10k-images.idx3-ubyte.gz', gzipSync(images));
    await write('t10k-labels.idx1-ubyte', idx([3], [0, 0, 1]));
    expect((await load('train')).classNames).to.deep.equal(['0', '1', '2']);
    expect(await load('test', '2x2x1')).to.deep.include({ classNames: ['0', '1', '2'] });
    await coded('dataset.shape', () => load('test', '28x28x1'));
    await write('t10k-labels.idx1-ubyte', idx([3], [0, 3, 1]));
    await coded('dataset.label', () => load('test'));
  });

  it('is refused where a training label leaves a gap, unless classes.txt names every class', async () => {
    await write('train-images-idx3-ubyte', images);
    await write('train-labels-idx1-ubyte', idx([3], [0, 3, 1]));
    const error = await coded('dataset.classes', () => load('train'));
    expect(error.message).to.contain('go up to 3, but none is 2');
    await writeFile(join(folder, 'classes.txt'), 'coat\nbag\nshirt\nshoe\n');
    expect([...(await load('train')).labels]).to.deep.equal([0, 3, 1]);
  });

  it('takes class names from classes.txt', async () => {
    await write('train-images-idx3-ubyte', images);
    await write('train-labels-idx1-ubyte', labels);
    await writeFile(join(folder, 'classes.txt'), 'coat\r\nbag\nshirt\n');
    expect((await load('train')).classNames).to.deep.equal(['coat', 'bag', 'shirt']);
    for (const [text, code] of [
      ['coat\nbag', 'dataset.label'],
      ['coat\n\nbag', 'dataset.classes'],
      ['coat\nbag\ncoat', 'dataset.classes'],
      ['coat', 'dataset.classes'],
    ] as const) {
      await writeFile(join(folder, 'classes.txt'), text);
      await coded(code, () => load('train'));
    }
  });

  it('is refused without its files, and names the first one missing', async () => {
    const error = await coded('dataset.missing', () => load('test'));
    expect(error.message).to.contain('t10k-images-idx3-ubyte');
    await mkdir(join(folder, 't10k-images-idx3-ubyte'));
    await coded('file.read', () => load('test'));
  });
});

describe('the name of a data set', () => {
  it('is one of six kinds', async () => {
    for (const name of [
      '',
      'mnist',
      'idx:',
      'folder:',
      'folder',
      'Fashion-MNIST',
      'x:y',
      'cifar10:',
      'stl10',
    ]) {
      const error = await coded('dataset.unknown', () => loadDataset(name, { split: 'train' }));
      expect(error.hint).to.contain('fashion-mnist, idx:DIR, cifar10:DIR');
    }
    const shape = parseShape('32x32x3');
    await coded('dataset.shape', () => loadDataset('fashion-mnist', { split: 'test', shape }));
    await coded('dataset.shape', () => loadDataset('folder:here', { split: 'test' }));
  });
});
