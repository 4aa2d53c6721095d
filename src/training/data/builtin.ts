import { createHash } from 'node:crypto';

import { type Static, Type } from 'typebox';

import { checkSchema, InputError, parseShape, sameShape } from '../../base/index.js';
import { packagePath, readFileLimited } from '../../files/index.js';
import type { Dataset } from '../dataset.js';
import { idxDataset, unpack } from './idx.js';

const file = Type.Object({
  file: Type.String({ pattern: '^[a-z0-9.-]+$' }),
  /** Of the file as it ships, in gzip. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Of the IDX file inside. */
  unpackedSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
const split = Type.Object({
  count: Type.Integer({ minimum: 1 }),
  perClass: Type.Integer({ minimum: 1 }),
  images: file,
  labels: file,
});

/** `manifest.json` beside the shipped data: written by `scripts/make-data.ts`, read here. */
export const builtinManifest = Type.Object({
  name: Type.Literal('fashion-mnist'),
  shape: Type.String(),
  classNames: Type.Array(Type.String(), { minItems: 2 }),
  splits: Type.Object({ train: split, test: split }),
});
export type BuiltinManifest = Static<typeof builtinManifest>;

/** The folder of the shipped subset of Fashion-MNIST. */
export const builtinFolder = packagePath('data', 'fashion-mnist-subset');

/**
 * Loads the subset of Fashion-MNIST that ships with veilmark (10,000 training and 2,000 test images of 28x28x1, ten
 * classes in equal parts). Every file is compared with its digest in the manifest. Throws `InputError` `dataset.digest`
 * if one was changed, `dataset.manifest`, and what `idxDataset` throws.
 */
export async function loadBuiltin(
  name: 'train' | 'test',
  folder: string = builtinFolder,
): Promise<Dataset> {
  const manifest = await readManifest(folder);
  const { images, labels, count } = manifest.splits[name];
  const dataset = idxDataset({
    images: await readChecked(folder, images),
    labels: await readChecked(folder, labels),
    classNames: manifest.classNames,
    what: `fashion-mnist (${name})`,
  });
  if (!sameShape(dataset.shape, parseShape(manifest.shape)) || dataset.labels.length !== count) {
    throw manifestError('shape or count is not that of the files');
  }
  return dataset;
}

async function readManifest(folder: string): Promise<BuiltinManifest> {
  const bytes = await readFileLimited(`${folder}/manifest.json`, {
    limit: 2 ** 16,
    what: 'manifest of the shipped data',
  });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw manifestError((error as Error).message);
  }
  return checkSchema({
    value,
    schema: builtinManifest,
    what: 'manifest of the shipped data',
    code: 'dataset.manifest',
  });
}

async function readChecked(folder: string, entry: Static<typeof file>): Promise<Uint8Array> {
  const path = `${folder}/${entry.file}`;
  const bytes = await readFileLimited(path, { limit: 2 ** 23, what: 'shipped data file' });
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== entry.sha256) {
    throw new InputError({
      code: 'dataset.digest',
      message: `${path} has the SHA-256 ${digest}, the manifest says ${entry.sha256}`,
      hint: 'the file was changed or cut off: install veilmark again, or restore data/ from the repository',
    });
  }
  return unpack(bytes, path);
}

function manifestError(message: string): InputError {
  return new InputError({
    code: 'dataset.manifest',
    message: `manifest of the shipped data: ${message}`,
    hint: 'install veilmark again, or restore data/ from the repository',
  });
}
