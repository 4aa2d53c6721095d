import { join } from 'node:path';

import { formatShape, InputError, sizeOf } from '../../base/index.js';
import { isPictureName, listFolder, type PictureForm, readPictures } from '../../files/index.js';
import type { Dataset } from '../dataset.js';

/** Most bytes of the decoded images of a folder. */
const bytesLimit = 2 ** 31;

/**
 * Reads a folder with one folder of pictures a class: `DIR/SPLIT/CLASS/*` or, for the training split only, `DIR/CLASS/*`.
 * Classes and pictures are in natural order of their names (2 before 10); names that start with a dot are skipped, anything
 * else that is no picture is refused. Throws `InputError` `file.folder`, `dataset.split`, `dataset.stray`,
 * `dataset.classes`, `dataset.empty-class`, `dataset.size`, and those of `readPicture` with the path of the picture.
 */
export async function loadFolder(
  folder: string,
  { split, shape, fit }: PictureForm & { split: 'train' | 'test' },
): Promise<Dataset> {
  const root = await splitFolder(folder, split);
  const classNames = await classesOf(root);
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classNames.entries()) {
    for (const path of await picturesOf(join(root, name))) {
      paths.push(path);
      labels.push(label);
    }
  }
  const size = sizeOf(shape);
  if (paths.length * size > bytesLimit) {
    throw new InputError({
      code: 'dataset.size',
      message: `${paths.length} pictures of ${formatShape(shape)} in ${root} are more than the ${bytesLimit} bytes that veilmark holds`,
      hint: 'use a smaller shape or fewer pictures',
    });
  }
  const pixels = new Uint8Array(paths.length * size);
  const form = { shape, fit };
  await readPictures(paths, {
    form,
    use: (picture, index) => {
      pixels.set(picture.pixels, index * size);
    },
  });
  return { shape, classNames, pixels, labels: Int32Array.from(labels) };
}

/** The folder that holds the classes of a split. */
async function splitFolder(folder: string, split: 'train' | 'test'): Promise<string> {
  const names = (await listFolder(folder))
    .filter(({ isFolder }) => isFolder)
    .map(({ name }) => name);
  const splits = names.filter((name) => name === 'train' || name === 'test');
  if (splits.length === 0 && split === 'train') return folder;
  if (!splits.includes(split)) {
    throw new InputError({
      code: 'dataset.split',
      message: `${folder} has no folder ${split}`,
      hint: `put pictures into ${join(folder, split, 'CLASS')}; the same pictures are never used both to train and to test`,
    });
  }
  const other = names.find((name) => name !== 'train' && name !== 'test');
  if (other !== undefined) throw stray(join(folder, other), 'beside the folders train and test');
  if (splits.length === 2) await sameClasses(join(folder, 'train'), join(folder, 'test'));
  return join(folder, split);
}

/** Labels are positions among the class names: they mean the same in both splits only if the names are the same. */
async function sameClasses(train: string, test: string): Promise<void> {
  const [a, b] = [await classesOf(train), await classesOf(test)];
  const odd = a.find((name) => !b.includes(name)) ?? b.find((name) => !a.includes(name));
  if (odd === undefined) return;
  throw new InputError({
    code: 'dataset.classes',
    message: `the class ${JSON.stringify(odd)} is in only one of ${train} and ${test}`,
    hint: 'both splits need the same class folders',
  });
}

async function classesOf(root: string): Promise<string[]> {
  const entries = await listFolder(root);
  const file = entries.find(({ isFolder }) => !isFolder);
  if (file !== undefined) throw stray(join(root, file.name), 'where only class folders belong');
  if (entries.length < 2) {
    throw new InputError({
      code: 'dataset.classes',
      message: `${root} has ${entries.length} class folders, a classifier needs two or more`,
      hint: 'make one folder of pictures for each class',
    });
  }
  return entries.map(({ name }) => name);
}

async function picturesOf(folder: string): Promise<string[]> {
  const entries = await listFolder(folder);
  const other = entries.find(({ name, isFolder }) => isFolder || !isPictureName(name));
  if (other !== undefined) throw stray(join(folder, other.name), 'among the pictures of a class');
  if (entries.length === 0) {
    throw new InputError({
      code: 'dataset.empty-class',
      message: `the class folder ${folder} is empty`,
      hint: 'put PNG, JPEG or WebP files into it, or remove it (and its like in the other split)',
    });
  }
  return entries.map(({ name }) => join(folder, name));
}

function stray(path: string, where: string): InputError {
  return new InputError({
    code: 'dataset.stray',
    message: `${path} lies ${where}`,
    hint: 'move it away: a data set holds class folders with PNG, JPEG or WebP files and nothing else',
  });
}
