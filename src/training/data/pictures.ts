import { bytesToHex, formatShape, InputError, sizeOf } from '../../base/index.js';
import { taggedHash } from '../../crypto/index.js';
import { forEachIndex, type PictureForm, picturesAtOnce } from '../../files/index.js';
import type { Dataset } from '../dataset.js';
import { archiveTree } from './archive-tree.js';
import { type ClassListing, listClasses } from './listing.js';
import { pictureSource, type PictureSource } from './picture-source.js';
import { folderTree, type PictureFile, type PictureTree } from './picture-tree.js';

/** Most bytes of the decoded images of a data set in memory. */
const bytesLimit = 2 ** 31;

/** Files whose sizes are asked for at a time. */
const filesAtOnce = 64;

/**
 * Lists the pictures of a folder with one folder a class, or of archives of such a folder (`.tar`, `.tar.gz`, `.tgz`, several
 * with commas between). The order is the same for a folder and its archive. Throws `InputError` as `listClasses` and
 * `archiveTree` do.
 */
export async function openPictureFolder(
  path: string,
  { split, ...form }: PictureForm & { split: 'train' | 'test' },
): Promise<PictureSource> {
  const archives = path.split(',');
  const tree = archives.every((name) => /\.(tar|tar\.gz|tgz)$/i.test(name))
    ? await archiveTree(archives)
    : folderTree(path);
  const listed = await listClasses(tree, split);
  const { files, sizes } = await filesOf(tree, listed.paths);
  const { classNames, labels } = listed;
  const digest = listingDigest(listed, { form, sizes });
  return pictureSource({ ...form, classNames, labels, files, digest });
}

/** Decodes all pictures of a source. Throws `InputError` `dataset.size`, and as its `read` does. */
export async function loadPictures(
  source: PictureSource,
  { onProgress }: { onProgress?: ((done: number, total: number) => void) | undefined } = {},
): Promise<Dataset> {
  const { shape, classNames, labels, count } = source;
  const size = sizeOf(shape);
  if (count * size > bytesLimit) {
    throw new InputError({
      code: 'dataset.size',
      message: `${count} pictures of ${formatShape(shape)} are more than the ${bytesLimit} bytes that veilmark holds`,
      hint: 'use a smaller shape or fewer pictures',
    });
  }
  const pixels = new Uint8Array(count * size);
  let done = 0;
  await forEachIndex(count, {
    atOnce: picturesAtOnce,
    task: async (index) => {
      pixels.set(await source.read(index), index * size);
      onProgress?.(++done, count);
    },
  });
  return { shape, classNames, pixels, labels };
}

async function filesOf(tree: PictureTree, paths: readonly string[]) {
  const files = new Array<PictureFile>(paths.length);
  const sizes = new Array<number>(paths.length);
  await forEachIndex(paths.length, {
    atOnce: filesAtOnce,
    task: async (i) => {
      const { file, size } = await tree.file(paths[i] ?? '');
      files[i] = file;
      sizes[i] = size;
    },
  });
  return { files, sizes };
}

/** The same for a folder and its archive, wherever they lie. */
function listingDigest(
  { classNames, paths }: ClassListing,
  { form, sizes }: { form: PictureForm; sizes: readonly number[] },
): string {
  const files = paths.map((path, i) => JSON.stringify([path, sizes[i] ?? 0]));
  const fields = [formatShape(form.shape), form.fit, JSON.stringify(classNames), files.join('\n')];
  return bytesToHex(taggedHash('veilmark/picture-listing/1', fields));
}
