import { join } from 'node:path';

import { concatBytes, InputError, type Shape, sizeOf } from '../../base/index.js';
import type { Dataset } from '../dataset.js';
import { interleave, openBinaryFolder, readRecords } from './binary-folder.js';
import { numbered, readClassNames } from './class-names.js';

const shape: Shape = { height: 32, width: 32, channels: 3 };

/** https://www.cs.toronto.edu/~kriz/cifar.html, "binary version". */
const versions = {
  cifar10: {
    inner: 'cifar-10-batches-bin',
    files: {
      train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
      test: ['test_batch.bin'],
    },
    labelBytes: 1,
    namesFile: 'batches.meta.txt',
    names: 'airplane automobile bird cat deer dog frog horse ship truck'.split(' '),
  },
  cifar100: {
    inner: 'cifar-100-binary',
    files: { train: ['train.bin'], test: ['test.bin'] },
    // The coarse label (of 20), then the fine one.
    labelBytes: 2,
    namesFile: 'fine_label_names.txt',
    names: numbered(100),
  },
} as const;

export type CifarVersion = keyof typeof versions;

/**
 * Loads one split of CIFAR-10 or CIFAR-100 (fine labels), binary version, from a folder or the folder in it that the
 * publisher's archive makes. A file may hold fewer records than the published one. The classes have the names of the file
 * that comes with them, or without it the published ones (CIFAR-10) or numbers (CIFAR-100). Throws `InputError`
 * `dataset.missing`, `dataset.size`, `dataset.label`, `dataset.classes`, and those of `checkedFolder`.
 */
export async function loadCifar(
  path: string,
  { version, split }: { version: CifarVersion; split: 'train' | 'test' },
): Promise<Dataset> {
  const { inner, files, labelBytes, namesFile, names } = versions[version];
  const folder = await openBinaryFolder(path, inner);
  const size = sizeOf(shape);
  const recordBytes = labelBytes + size;
  const parts: Uint8Array[] = [];
  const labels: number[] = [];
  for (const name of files[split]) {
    const records = await readRecords(folder, { name, recordBytes });
    const count = records.length / recordBytes;
    const pixels = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) {
      const record = records.subarray(i * recordBytes, (i + 1) * recordBytes);
      const label = record[labelBytes - 1] ?? 0;
      if (label >= names.length) {
        throw labelError({ path: join(folder.path, name), index: i, label, classes: names.length });
      }
      labels.push(label);
      interleave({
        planes: record.subarray(labelBytes),
        pixels: pixels.subarray(i * size, (i + 1) * size),
        shape,
        order: 'rows',
      });
    }
    parts.push(pixels);
  }
  return {
    shape,
    classNames: (await readClassNames(folder, namesFile, names.length)) ?? names,
    pixels: concatBytes(...parts),
    labels: Int32Array.from(labels),
  };
}

function labelError(found: {
  path: string;
  index: number;
  label: number;
  classes: number;
}): InputError {
  return new InputError({
    code: 'dataset.label',
    message: `record ${found.index} of ${found.path} has the label ${found.label}, but there are ${found.classes} classes (counted from 0)`,
    hint: 'the file is damaged, or of another data set: fetch it again',
  });
}
