import { join } from 'node:path';
import { TextDecoder } from 'node:util';

import { InputError } from '../../base/index.js';
import { readFileLimited } from '../../files/index.js';
import type { Dataset } from '../dataset.js';
import { idxDataset, idxLimit, parseIdx, unpack } from './idx.js';

const prefixes = { train: 'train', test: 't10k' } as const;

/**
 * Loads one split of a folder of IDX files with the names of MNIST: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
 * and `t10k-` for the test split; also with a dot for the last dash but one, or with `.gz`. The names of the classes are the lines of
 * `classes.txt`, or without it the numbers up to the largest training label. Throws `InputError` `dataset.missing`,
 * `dataset.classes`, and what `idxDataset` throws.
 */
export async function loadIdxFolder(folder: string, split: 'train' | 'test'): Promise<Dataset> {
  return idxDataset({
    images: await readAny(folder, `${prefixes[split]}-images`, 'idx3-ubyte'),
    labels: await readAny(folder, `${prefixes[split]}-labels`, 'idx1-ubyte'),
    classNames: (await namedClasses(folder)) ?? (await numberedClasses(folder)),
    what: `${folder} (${split})`,
  });
}

async function namedClasses(folder: string): Promise<string[] | undefined> {
  const path = join(folder, 'classes.txt');
  const bytes = await readOptional(path, 2 ** 20);
  if (bytes === undefined) return undefined;
  const names = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  if (names.length < 2 || names.includes('') || new Set(names).size < names.length) {
    throw new InputError({
      code: 'dataset.classes',
      message: `${path} has an empty line, a name twice, or fewer than two names`,
      hint: 'write one class name a line, in the order of the labels from 0',
    });
  }
  return names;
}

async function numberedClasses(folder: string): Promise<string[]> {
  const labels = await readAny(folder, 'train-labels', 'idx1-ubyte');
  const { data } = parseIdx(labels, `the training label file of ${folder}`);
  const largest = data.reduce((a, b) => Math.max(a, b), 1);
  return Array.from({ length: largest + 1 }, (_, label) => `${label}`);
}

async function readAny(folder: string, stem: string, kind: string): Promise<Uint8Array> {
  for (const name of [`${stem}-${kind}`, `${stem}.${kind}`]) {
    for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
      const bytes = await readOptional(path, idxLimit);
      if (bytes !== undefined) return unpack(bytes, path);
    }
  }
  throw new InputError({
    code: 'dataset.missing',
    message: `${folder} has no file ${stem}-${kind} or ${stem}-${kind}.gz`,
    hint: 'a folder of IDX files has train-images-idx3-ubyte, train-labels-idx1-ubyte, and the same with t10k- for testing',
  });
}

async function readOptional(path: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    return await readFileLimited(path, { limit, what: 'data file' });
  } catch (error) {
    if (error instanceof InputError && error.code === 'file.missing') return undefined;
    throw error;
  }
}
