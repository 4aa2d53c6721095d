import { InputError } from '../../base/index.js';
import { isPictureName } from '../../files/index.js';
import type { PictureTree } from './picture-tree.js';

/** The pictures of a split by class. */
export interface ClassListing {
  readonly classNames: readonly string[];
  /** Paths in the tree, and for each its label. */
  readonly paths: readonly string[];
  readonly labels: Int32Array;
}

/**
 * Lists a tree with one folder of pictures a class: `SPLIT/CLASS/*` or, for the training split only, `CLASS/*`. Classes and
 * pictures are in natural order of their names (2 before 10); names that start with a dot are skipped, anything else that is
 * no picture is refused. Throws `InputError` `file.folder`, `dataset.split`, `dataset.stray`, `dataset.classes`,
 * `dataset.empty-class`.
 */
export async function listClasses(
  tree: PictureTree,
  split: 'train' | 'test',
): Promise<ClassListing> {
  const root = await splitFolder(tree, split);
  const classNames = await classesOf(tree, root);
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classNames.entries()) {
    for (const path of await picturesOf(tree, below(root, name))) {
      paths.push(path);
      labels.push(label);
    }
  }
  return { classNames, paths, labels: Int32Array.from(labels) };
}

/** The folder that holds the classes of a split. */
async function splitFolder(tree: PictureTree, split: 'train' | 'test'): Promise<string> {
  const names = (await tree.list('')).filter(({ isFolder }) => isFolder).map(({ name }) => name);
  const splits = names.filter((name) => name === 'train' || name === 'test');
  if (splits.length === 0 && split === 'train') return '';
  if (!splits.includes(split)) {
    throw new InputError({
      code: 'dataset.split',
      message: `${tree.where('')} has no folder ${split}`,
      hint: `put pictures into ${tree.where(`${split}/CLASS`)}; the same pictures are never used both to train and to test`,
    });
  }
  const other = names.find((name) => name !== 'train' && name !== 'test');
  if (other !== undefined) throw stray(tree.where(other), 'beside the folders train and test');
  if (splits.length === 2) await sameClasses(tree);
  return split;
}

/** Labels are positions among the class names: they mean the same in both splits only if the names are the same. */
async function sameClasses(tree: PictureTree): Promise<void> {
  const [a, b] = [await classesOf(tree, 'train'), await classesOf(tree, 'test')];
  const odd = a.find((name) => !b.includes(name)) ?? b.find((name) => !a.includes(name));
  if (odd === undefined) return;
  throw new InputError({
    code: 'dataset.classes',
    message: `the class ${JSON.stringify(odd)} is in only one of ${tree.where('train')} and ${tree.where('test')}`,
    hint: 'both splits need the same class folders',
  });
}

async function classesOf(tree: PictureTree, root: string): Promise<string[]> {
  const entries = await tree.list(root);
  const file = entries.find(({ isFolder }) => !isFolder);
  if (file !== undefined) {
    throw stray(tree.where(below(root, file.name)), 'where only class folders belong');
  }
  if (entries.length < 2) {
    throw new InputError({
      code: 'dataset.classes',
      message: `${tree.where(root)} has ${entries.length} class folders, a classifier needs two or more`,
      hint: 'make one folder of pictures for each class',
    });
  }
  return entries.map(({ name }) => name);
}

async function picturesOf(tree: PictureTree, folder: string): Promise<string[]> {
  const entries = await tree.list(folder);
  const other = entries.find(({ name, isFolder }) => isFolder || !isPictureName(name));
  if (other !== undefined) {
    throw stray(tree.where(below(folder, other.name)), 'among the pictures of a class');
  }
  if (entries.length === 0) {
    throw new InputError({
      code: 'dataset.empty-class',
      message: `the class folder ${tree.where(folder)} is empty`,
      hint: 'put PNG, JPEG or WebP files into it, or remove it (and its like in the other split)',
    });
  }
  return entries.map(({ name }) => below(folder, name));
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function stray(path: string, where: string): InputError {
  return new InputError({
    code: 'dataset.stray',
    message: `${path} lies ${where}`,
    hint: 'move it away: a data set holds class folders with PNG, JPEG or WebP files and nothing else',
  });
}
