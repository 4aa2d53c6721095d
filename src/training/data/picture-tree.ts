import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { InputError } from '../../base/index.js';
import { type ListedName, listFolder } from '../../files/index.js';

/** A picture file: on disk, or its bytes as an archive holds them. Can be posted to a worker thread. */
export interface PictureFile {
  /** Where it is, for messages and, without `bytes`, for reading. */
  readonly path: string;
  readonly bytes?: Uint8Array;
}

/** Folders and files by path (parts joined by `/`, the root is the empty path): a folder on disk, or what archives hold. */
export interface PictureTree {
  /** A path of the tree as a person knows it. */
  where(path: string): string;
  /** As `listFolder`. */
  list(path: string): Promise<ListedName[]>;
  /** A file and its size in bytes. Throws `InputError` `file.read`. */
  file(path: string): Promise<{ file: PictureFile; size: number }>;
}

/** The tree of a folder on disk. */
export function folderTree(folder: string): PictureTree {
  const where = (path: string) => join(folder, path);
  return {
    where,
    list: (path) => listFolder(where(path)),
    async file(path) {
      try {
        const { size } = await stat(where(path));
        return { file: { path: where(path) }, size };
      } catch (error) {
        throw new InputError({
          code: 'file.read',
          message: `cannot read the picture ${where(path)}: ${(error as Error).message}`,
          hint: 'check the path',
          cause: error,
        });
      }
    },
  };
}
