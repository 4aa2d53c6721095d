import { formatShape, InputError, sameShape, type Shape } from '../../base/index.js';
import type { Fit } from '../../files/index.js';
import type { Dataset } from '../dataset.js';
import { loadBuiltin } from './builtin.js';
import { loadFolder } from './folder.js';
import { loadIdxFolder } from './idx-folder.js';

/** Which images to load, and to what size. */
export interface DatasetOptions {
  readonly split: 'train' | 'test';
  /** Needed by `folder:`; the other kinds have a shape of their own, and it must be this one. */
  readonly shape?: Shape | undefined;
  /** What to do with a picture of another size (only `folder:`); without it such a picture is refused. */
  readonly fit?: Fit | undefined;
}

/**
 * Loads a data set by name: `fashion-mnist` (the subset that ships), `idx:DIR` (files like MNIST's), or `folder:DIR` (a
 * folder of pictures for each class). Throws `InputError` `dataset.unknown`, `dataset.shape`, and those of the loaders.
 */
export async function loadDataset(
  spec: string,
  { split, shape, fit }: DatasetOptions,
): Promise<Dataset> {
  const [, kind, folder] = /^(idx|folder):(.+)$/s.exec(spec) ?? [];
  if (kind === 'folder' && folder !== undefined) {
    if (shape === undefined) {
      throw new InputError({
        code: 'dataset.shape',
        message: `${spec} needs a shape`,
        hint: 'say HEIGHTxWIDTHxCHANNELS, e.g. 32x32x3: pictures in a folder have no common one',
      });
    }
    return loadFolder(folder, { split, shape, fit: fit ?? 'exact' });
  }
  if (kind === 'idx' && folder !== undefined) {
    return withShape(spec, await loadIdxFolder(folder, split), shape);
  }
  if (spec === 'fashion-mnist') return withShape(spec, await loadBuiltin(split), shape);
  throw new InputError({
    code: 'dataset.unknown',
    message: `there is no data set ${JSON.stringify(spec)}`,
    hint: 'use fashion-mnist, idx:DIR or folder:DIR',
  });
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
