import { readdir } from 'node:fs/promises';

import { InputError } from '../base/index.js';
import { naturalOrder } from './natural-order.js';

export interface ListedName {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * The names in a folder in natural order (2 before 10), without those that start with a dot. Throws `InputError`
 * `file.folder`.
 */
export async function listFolder(folder: string): Promise<ListedName[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith('.'))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => naturalOrder(a.name, b.name));
  } catch (error) {
    throw new InputError({
      code: 'file.folder',
      message: `cannot read the folder ${folder}: ${(error as Error).message}`,
      hint: 'check the path',
      cause: error,
    });
  }
}
