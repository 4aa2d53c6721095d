import { formatShape, InputError, sameShape, type Shape } from '../../base/index.js';
import type { Fit } from '../../files/index.js';
import type { Dataset } from '../dataset.js';
import { loadBuiltin } from './builtin.js';
import { loadCifar } from './cifar.js';
import { loadIdxFolder } from './idx-folder.js';
import type { PictureSource } from './picture-source.js';
import { loadPictures, openPictureFolder } from './pictures.js';
import { loadStl10 } from './stl10.js';

/** Which images to load, and to what size. */
export interface DatasetOptions {
  readonly split: 'train' | 'test';
  /** Needed by `folder:`; `stl10:` is scaled to it; the other kinds have a shape of their own, and it must be this one. */
  readonly shape?: Shape | undefined;
  /** What to do with a picture of another size; without it `folder:` refuses such a picture, and `stl10:` crops. */
  readonly fit?: Fit | undefined;
  /** Called after each picture of `folder:` and `stl10:`, whose loading takes long. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The names that `loadDataset` takes, for a person. */
export const datasetKinds =
  'fashion-mnist, idx:DIR, cifar10:DIR, cifar100:DIR, stl10:DIR, folder:DIR or folder:ARCHIVE';

const kinds = ['idx', 'cifar10', 'cifar100', 'stl10', 'folder'] as const;

/**
 * Loads a data set by name: `fashion-mnist` (the subset that ships), `idx:DIR` (files like MNIST's), `cifar10:DIR`,
 * `cifar100:DIR`, `stl10:DIR` (binary versions), `folder:DIR` (a folder of pictures for each class) or `folder:ARCHIVE` (the
 * same in `.tar` or `.tar.gz`; several with commas between). Throws `InputError` `dataset.unknown`, `dataset.shape`, and
 * those of the loaders.
 */
export async function loadDataset(spec: string, options: DatasetOptions): Promise<Dataset> {
  const { split, shape, fit, onProgress } = options;
  if (spec === 'fashion-mnist') return withShape(spec, await loadBuiltin(split), shape);
  const { kind, path } = parseSpec(spec);
  switch (kind) {
    case 'idx':
      return withShape(spec, await loadIdxFolder(path, split), shape);
    case 'cifar10':
    case 'cifar100':
      return withShape(spec, await loadCifar(path, { version: kind, split }), shape);
    case 'stl10':
      return fit === 'exact'
        ? withShape(spec, await loadStl10(path, { split, fit: 'crop', onProgress }), shape)
        : loadStl10(path, { split, shape, fit: fit ?? 'crop', onProgress });
    case 'folder':
      return loadPictures(await openPictures(spec, options), { onProgress });
  }
}

/**
 * Lists the pictures of `folder:DIR` or `folder:ARCHIVE`, to be decoded one by one. Throws `InputError` `dataset.unknown`,
 * `dataset.kind` for the other kinds, which are read whole, `dataset.shape` without a shape, and as `openPictureFolder`
 * does.
 */
export async function openPictures(
  spec: string,
  { split, shape, fit }: Omit<DatasetOptions, 'onProgress'>,
): Promise<PictureSource> {
  const kind = spec === 'fashion-mnist' ? spec : parseSpec(spec).kind;
  if (kind !== 'folder') {
    throw new InputError({
      code: 'dataset.kind',
      message: `${spec} is no folder of pictures`,
      hint: 'only folder:DIR and folder:ARCHIVE can be read picture by picture',
    });
  }
  if (shape === undefined) {
    throw new InputError({
      code: 'dataset.shape',
      message: `${spec} needs a shape`,
      hint: 'say HEIGHTxWIDTHxCHANNELS, e.g. 32x32x3: pictures in a folder have no common one',
    });
  }
  return openPictureFolder(parseSpec(spec).path, { split, shape, fit: fit ?? 'exact' });
}

function parseSpec(spec: string): { kind: (typeof kinds)[number]; path: string } {
  const [, name, path] = /^([a-z0-9]+):(.+)$/s.exec(spec) ?? [];
  const kind = kinds.find((each) => each === name);
  if (kind === undefined || path === undefined) {
    throw new InputError({
      code: 'dataset.unknown',
      message: `there is no data set ${JSON.stringify(spec)}`,
      hint: `use ${datasetKinds}`,
    });
  }
  return { kind, path };
}

function withShape(spec: string, dataset: Dataset, shape: Shape | undefined): Dataset {
  if (shape !== undefined && !sameShape(shape, dataset.shape)) {
    throw new InputError({
      code: 'dataset.shape',
      message: `${spec} has images of ${formatShape(dataset.shape)}, not ${formatShape(shape)}`,
      hint: 'use a model of the shape of the data, or pictures in folder:DIR, which can be scaled',
    });
  }
  return dataset;
}
