import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256 } from '@noble/hashes/sha2.js';
import { expect } from 'chai';
import fc from 'fast-check';

import {
  bigEndian,
  bytesToHex,
  concatBytes,
  formatShape,
  parseShape,
  sizeOf,
} from '../../src/base/index.js';
import { type Fit, resizeImage } from '../../src/files/index.js';
import { interleave } from '../../src/training/data/binary-folder.js';
import { loadDataset } from '../../src/training/data/index.js';
import { imageAt } from '../../src/training/dataset.js';
import { coded } from '../coded.js';
import { put } from './data-fixtures.js';

const size = 32 * 32 * 3;

/** A record of CIFAR: its labels, then red, green and blue planes whose bytes depend on place and seed. */
function record(labels: readonly number[], seed: number): Uint8Array {
  const planes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + seed) % 251);
  return concatBytes(Uint8Array.from(labels), planes);
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'veilmark-binary-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

describe('planes of pixels', () => {
  it('become rows of pixels, whether they go by rows or by columns', () => {
    const shapes = fc.record({
      height: fc.integer({ min: 1, max: 6 }),
      width: fc.integer({ min: 1, max: 6 }),
      channels: fc.constantFrom(1, 3),
    });
    fc.assert(
      fc.property(shapes, fc.constantFrom('rows', 'columns'), (shape, order) => {
        const { height, width, channels } = shape;
        const planes = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => i);
        const pixels = new Uint8Array(sizeOf(shape));
        interleave({ planes, pixels, shape, order });
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            for (let c = 0; c < channels; c++) {
              const place = order === 'rows' ? y * width + x : x * height + y;
              expect(pixels[(y * width + x) * channels + c]).to.equal(c * height * width + place);
            }
          }
        }
      }),
    );
  });
});

describe('CIFAR-10 and CIFAR-100', () => {
  const load10 = (split: 'train' | 'test', shape?: string) =>
    loadDataset(`cifar10:${folder}`, { split, shape: shape ? parseShape(shape) : undefined });
  const load100 = (split: 'train' | 'test') => loadDataset(`cifar100:${folder}`, { split });
  const batches = async (below = '') => {
    for (const i of [1, 2, 3, 4, 5]) {
      await put(at(`${below}data_batch_${i}.bin`), record([10 - i], i));
    }
    await put(at(`${below}test_batch.bin`), concatBytes(record([3], 9), record([0], 8)));
  };

  it('give pictures row by row, in the order of the batches', async () => {
    await batches();
    const train = await load10('train', '32x32x3');
    expect([...train.labels]).to.deep.equal([9, 8, 7, 6, 5]);
    expect(train.classNames).to.have.length(10).and.include('automobile');
    for (const i of [0, 1, 2, 3, 4]) {
      const planes = record([], i + 1);
      const { pixels } = imageAt(train, i);
      for (const [y, x, c] of [
        [0, 0, 0],
        [0, 1, 2],
        [31, 30, 1],
      ] as const) {
        expect(pixels[(y * 32 + x) * 3 + c]).to.equal(planes[c * 1024 + y * 32 + x]);
      }
    }
    expect([...(await load10('test')).labels]).to.deep.equal([3, 0]);
    await coded('dataset.shape', () => load10('test', '28x28x3'));
  });

  it('are found in the folder that their archive makes', async () => {
    await batches('cifar-10-batches-bin/');
    expect((await load10('train')).labels).to.have.length(5);
    await put(at('cifar-100-binary/test.bin'), record([1, 2], 0));
    expect((await load100('test')).labels).to.have.length(1);
  });

  it('take the fine label of two, and class names from the file beside them', async () => {
    await put(at('train.bin'), concatBytes(record([19, 99], 1), record([4, 0], 2)));
    const { labels, classNames, pixels } = await load100('train');
    expect([...labels]).to.deep.equal([99, 0]);
    expect(classNames).to.deep.equal(Array.from({ length: 100 }, (_, i) => `${i}`));
    expect(pixels[size]).to.equal(2);
    const names = Array.from({ length: 100 }, (_, i) => `fine ${i}`);
    await put(at('fine_label_names.txt'), `${names.join('\n')}\n\n`);
    expect((await load100('train')).classNames).to.deep.equal(names);
    await put(at('fine_label_names.txt'), names.slice(1).join('\n'));
    const error = await coded('dataset.classes', () => load100('train'));
    expect(error.message).to.contain('99 names');
  });

  it('are refused when cut off anywhere, too long or empty', async () => {
    const whole = concatBytes(record([3], 9), record([0], 8));
    for (const bytes of [
      new Uint8Array(),
      whole.subarray(0, 1),
      whole.subarray(0, size),
      whole.subarray(0, whole.length - 1),
      concatBytes(whole, Uint8Array.of(0)),
    ]) {
      await put(at('test_batch.bin'), bytes);
      const error = await coded('dataset.size', () => load10('test'));
      expect(error.message).to.contain(`${at('test_batch.bin')} has ${bytes.length} bytes`);
    }
  });

  it('are refused with a label that has no class, or without one of the files', async () => {
    await batches();
    await put(at('data_batch_4.bin'), concatBytes(record([9], 0), record([10], 0)));
    const error = await coded('dataset.label', () => load10('train'));
    expect(error.message).to.contain('record 1').and.contain('data_batch_4.bin');
    await rm(at('data_batch_3.bin'));
    const missing = await coded('dataset.missing', () => load10('train'));
    expect(missing.message).to.contain('data_batch_3.bin');
    await put(at('test.bin'), record([0, 100], 0));
    await coded('dataset.label', () => load100('test'));
  });
});

describe('STL-10', () => {
  const shape = parseShape('96x96x3');
  const load = (shape?: string, fit?: Fit, onProgress?: (done: number, total: number) => void) =>
    loadDataset(`stl10:${folder}`, {
      split: 'train',
      shape: shape === undefined ? undefined : parseShape(shape),
      fit,
      onProgress,
    });
  /** Two pictures that are darker to the left in red, to the top in green. */
  const picture = (seed: number) =>
    Uint8Array.from({ length: sizeOf(shape) }, (_, i) => {
      const [c, x, y] = [Math.floor(i / 9216), Math.floor((i % 9216) / 96), i % 96];
      return c === 0 ? x : c === 1 ? y + 100 : seed;
    });
  const write = async (labels: readonly number[] = [1, 10]) => {
    await put(at('train_X.bin'), concatBytes(picture(1), picture(2)));
    await put(at('train_y.bin'), Uint8Array.from(labels));
  };

  it('gives its pictures upright, and labels counted from 0', async () => {
    await write();
    const dataset = await load();
    expect(formatShape(dataset.shape)).to.equal('96x96x3');
    expect([...dataset.labels]).to.deep.equal([0, 9]);
    expect(dataset.classNames).to.have.length(10).and.include('monkey');
    const { pixels } = imageAt(dataset, 1);
    const [y, x] = [5, 70];
    expect([...pixels.subarray((y * 96 + x) * 3, (y * 96 + x + 1) * 3)]).to.deep.equal([
      70, 105, 2,
    ]);
    await put(at('class_names.txt'), 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n');
    expect((await load()).classNames.join('')).to.equal('abcdefghij');
  });

  it('is scaled to the shape that is asked for, and reports each picture', async () => {
    await write();
    const own = await load();
    const reports: (readonly number[])[] = [];
    const small = await load('32x32x3', undefined, (...report) => reports.push(report));
    expect(reports).to.deep.equal([
      [1, 2],
      [2, 2],
    ]);
    for (const i of [0, 1]) {
      const expected = await resizeImage(imageAt(own, i), { shape: small.shape, fit: 'crop' });
      expect(imageAt(small, i)).to.deep.equal(expected);
    }
    // The middle of the third column of nine, one third as large.
    const [red = 0] = imageAt(small, 0).pixels.subarray(3 * 8, 3 * 8 + 1);
    expect(red).to.be.within(24, 26);
    expect((await load('16x24x1')).pixels).to.have.length(2 * 16 * 24);
    await coded('dataset.shape', () => load('32x32x3', 'exact'));
    expect((await load('96x96x3', 'exact')).pixels).to.deep.equal(own.pixels);
  });

  it('is refused with another number of labels, or one that is not 1 to 10', async () => {
    await write([1, 2, 3]);
    await coded('dataset.count', () => load());
    for (const label of [0, 11, 255]) {
      await write([1, label]);
      const error = await coded('dataset.label', () => load());
      expect(error.message).to.contain('label 1').and.contain(`is ${label}`);
    }
    await put(at('train_X.bin'), picture(1).subarray(1));
    await coded('dataset.size', () => load());
    await rm(at('train_y.bin'));
    await rm(at('train_X.bin'));
    const error = await coded('dataset.missing', () => load());
    expect(error.message).to.contain('train_X.bin');
  });
});

describe('digests beside data files', () => {
  const digest = (bytes: Uint8Array) => bytesToHex(sha256(bytes));
  const test = record([3], 9);
  const load = () => loadDataset(`cifar10:${folder}`, { split: 'test' });

  it('are compared, in either file, and a mismatch names the file and both', async () => {
    await put(at('test_batch.bin'), test);
    const other = digest(record([3], 8));
    for (const name of ['digests.txt', 'SHA256SUMS']) {
      await put(
        at(name),
        `# of others\n${other}  train.bin\n\n${digest(test)} *./test_batch.bin\r\n`,
      );
      await load();
      await put(at(name), `${digest(test).toUpperCase()}  test_batch.bin\n`);
      await load();
      await put(at(name), `${digest(test)}  test_batch.bin\n${other}  test_batch.bin\n`);
      const error = await coded('dataset.digest', load);
      for (const part of [at('test_batch.bin'), at(name), digest(test), other]) {
        expect(error.message).to.contain(part);
      }
      await rm(at(name));
    }
  });

  it('are refused when a line is something else', async () => {
    await put(at('test_batch.bin'), test);
    for (const line of ['x', digest(test), `${digest(test).slice(1)}  test_batch.bin`]) {
      await put(at('SHA256SUMS'), `${digest(test)}  test_batch.bin\n${line}\n`);
      const error = await coded('dataset.digest-file', load);
      expect(error.message).to.contain('line 2');
    }
  });

  it('hold for IDX files and names of classes too', async () => {
    const idx = (dimensions: readonly number[], data: readonly number[]) =>
      concatBytes(
        Uint8Array.of(0, 0, 8, dimensions.length),
        ...dimensions.map((dimension) => bigEndian(dimension, 4)),
        Uint8Array.from(data),
      );
    const labels = idx([2], [0, 1]);
    await put(at('train-images-idx3-ubyte'), idx([2, 1, 1], [5, 6]));
    await put(at('train-labels-idx1-ubyte'), labels);
    await put(at('SHA256SUMS'), `${digest(labels)}  train-labels-idx1-ubyte`);
    const loadIdx = () => loadDataset(`idx:${folder}`, { split: 'train' });
    await loadIdx();
    await put(at('train-labels-idx1-ubyte'), idx([2], [1, 0]));
    await coded('dataset.digest', loadIdx);
    await put(at('SHA256SUMS'), `${digest(labels)}  classes.txt`);
    await put(at('classes.txt'), 'a\nb');
    await coded('dataset.digest', loadIdx);
  });
});
