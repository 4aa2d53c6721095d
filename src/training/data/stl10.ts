import { join } from 'node:path';

import { InputError, type Shape, sizeOf } from '../../base/index.js';
import { type Fit, forEachIndex, picturesAtOnce, resizeImage } from '../../files/index.js';
import type { Dataset } from '../dataset.js';
import { interleave, openBinaryFolder, readRecords } from './binary-folder.js';
import { readClassNames } from './class-names.js';

const ownShape: Shape = { height: 96, width: 96, channels: 3 };
const names = 'airplane bird car cat deer dog horse monkey ship truck'.split(' ');

/**
 * Loads one split of STL-10 (https://cs.stanford.edu/~acoates/stl10/), binary version, from a folder or `stl10_binary` in
 * it: 96x96x3, or scaled to `shape`. Labels are counted from 0, in the file from 1. The unlabelled pictures are not read. Throws
 * `InputError` `dataset.missing`, `dataset.size`, `dataset.count`, `dataset.label`, `dataset.classes`, and those of
 * `checkedFolder`.
 */
export async function loadStl10(
  path: string,
  options: {
    split: 'train' | 'test';
    shape?: Shape | undefined;
    fit: Exclude<Fit, 'exact'>;
    onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<Dataset> {
  const { split, shape = ownShape, fit, onProgress } = options;
  const folder = await openBinaryFolder(path, 'stl10_binary');
  const ownSize = sizeOf(ownShape);
  const planes = await readRecords(folder, { name: `${split}_X.bin`, recordBytes: ownSize });
  const labels = await readRecords(folder, { name: `${split}_y.bin`, recordBytes: 1 });
  const count = planes.length / ownSize;
  checkLabels(labels, { count, path: join(folder.path, `${split}_y.bin`) });
  const classNames = (await readClassNames(folder, 'class_names.txt', names.length)) ?? names;
  const pixels = new Uint8Array(count * sizeOf(shape));
  let done = 0;
  await forEachIndex(count, {
    atOnce: picturesAtOnce,
    task: async (i) => {
      const own = new Uint8Array(ownSize);
      const picture = planes.subarray(i * ownSize, (i + 1) * ownSize);
      interleave({ planes: picture, pixels: own, shape: ownShape, order: 'columns' });
      const resized = await resizeImage({ shape: ownShape, pixels: own }, { shape, fit });
      pixels.set(resized.pixels, i * sizeOf(shape));
      onProgress?.(++done, count);
    },
  });
  return { shape, classNames, pixels, labels: Int32Array.from(labels, (label) => label - 1) };
}

function checkLabels(labels: Uint8Array, { count, path }: { count: number; path: string }): void {
  if (labels.length !== count) {
    throw new InputError({
      code: 'dataset.count',
      message: `${path} has ${labels.length} labels for ${count} pictures`,
      hint: 'a file is cut off, or of another split: fetch both again',
    });
  }
  const bad = labels.findIndex((label) => label < 1 || label > names.length);
  if (bad >= 0) {
    throw new InputError({
      code: 'dataset.label',
      message: `label ${bad} of ${path} is ${labels[bad] ?? 0}, not 1 to ${names.length}`,
      hint: 'the file is damaged, or of another data set: fetch it again',
    });
  }
}
