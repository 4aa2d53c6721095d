import { join } from 'node:path';

import { InputError } from '../../base/index.js';
import type { Dataset } from '../dataset.js';
import { checkedFolder, type CheckedFolder } from './checked-folder.js';
import { numbered, readClassNames } from './class-names.js';
import { idxDataset, idxLimit, parseIdx, unpack } from './idx.js';

const prefixes = { train: 'train', test: 't10k' } as const;

/**
 * Loads one split of a folder of IDX files with the names of MNIST: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
 * and `t10k-` for the test split; also with a dot for the last dash but one, or with `.gz`. The names of the classes are the lines of
 * `classes.txt`, or without it the numbers up to the largest training label, of which none may be missing. Throws `InputError`
 * `dataset.missing`, `dataset.classes`, those of `checkedFolder`, and what `idxDataset` throws.
 */
export async function loadIdxFolder(path: string, split: 'train' | 'test'): Promise<Dataset> {
  const folder = await checkedFolder(path);
  return idxDataset({
    images: await readAny(folder, `${prefixes[split]}-images`, 'idx3-ubyte'),
    labels: await readAny(folder, `${prefixes[split]}-labels`, 'idx1-ubyte'),
    classNames: (await readClassNames(folder, 'classes.txt')) ?? (await numberedClasses(folder)),
    what: `${path} (${split})`,
  });
}

async function numberedClasses(folder: CheckedFolder): Promise<string[]> {
  const labels = await readAny(folder, 'train-labels', 'idx1-ubyte');
  const { data } = parseIdx(labels, `the training label file of ${folder.path}`);
  const present = new Set(data);
  const count = Math.max(1, ...present) + 1;
  const missing = Array.from({ length: count }, (_, label) => label).find(
    (label) => !present.has(label),
  );
  if (missing !== undefined) {
    throw new InputError({
      code: 'dataset.classes',
      message: `the training labels of ${folder.path} go up to ${count - 1}, but none is ${missing}`,
      hint: 'the label file may be damaged; if it is as it should be, name every class in classes.txt, one a line',
    });
  }
  return numbered(count);
}

async function readAny(folder: CheckedFolder, stem: string, kind: string): Promise<Uint8Array> {
  for (const name of [`${stem}-${kind}`, `${stem}.${kind}`]) {
    for (const file of [name, `${name}.gz`]) {
      const bytes = await folder.read(file, idxLimit);
      if (bytes !== undefined) return unpack(bytes, join(folder.path, file));
    }
  }
  throw new InputError({
    code: 'dataset.missing',
    message: `${folder.path} has no file ${stem}-${kind} or ${stem}-${kind}.gz`,
    hint: 'a folder of IDX files has train-images-idx3-ubyte, train-labels-idx1-ubyte, and the same with t10k- for testing',
  });
}
