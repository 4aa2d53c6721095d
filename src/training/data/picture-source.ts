import { InputError, type Shape } from '../../base/index.js';
import {
  decodePicture,
  type PictureForm,
  pictureLimits,
  readFileLimited,
} from '../../files/index.js';
import type { PictureFile } from './picture-tree.js';

/** Labelled pictures that are decoded one by one, of a data set of any size. */
export interface PictureSource {
  readonly shape: Shape;
  readonly classNames: readonly string[];
  /** One label a picture, each below the number of classes. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Of classes, names and sizes of the files, shape and fit, in hexadecimal; not of the pictures themselves. */
  readonly listingDigest: string;
  /** The same source as a value that can be posted to a worker thread: `pictureSource` makes it again there. */
  readonly listing: PictureListing;
  /**
   * Decodes a picture to its height × width × channels bytes. Throws `InputError` as `decodePicture` and
   * `readFileLimited` do, with the path of the picture.
   */
  read(index: number): Promise<Uint8Array>;
}

/** What a `PictureSource` is made of. */
export interface PictureListing extends PictureForm {
  readonly classNames: readonly string[];
  readonly labels: Int32Array;
  readonly files: readonly PictureFile[];
  readonly digest: string;
}

/** The source of a listing, in any thread. */
export function pictureSource(listing: PictureListing): PictureSource {
  const { shape, fit, classNames, labels, files, digest } = listing;
  return {
    shape,
    classNames,
    labels,
    count: files.length,
    listingDigest: digest,
    listing,
    async read(index) {
      const file = files[index];
      if (file === undefined) {
        throw new InputError({
          code: 'dataset.index',
          message: `there is no picture ${index}, only ${files.length} counted from 0`,
        });
      }
      const bytes = await bytesOf(file);
      return (await decodePicture(bytes, { shape, fit, what: file.path })).pixels;
    },
  };
}

function bytesOf({ path, bytes }: PictureFile): Promise<Uint8Array> | Uint8Array {
  // A copy, for the decoder does not promise to take shared memory.
  if (bytes !== undefined) return bytes.slice();
  return readFileLimited(path, { limit: pictureLimits.bytes, what: 'picture' });
}
