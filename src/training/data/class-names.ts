import { join } from 'node:path';

import { InputError } from '../../base/index.js';
import type { CheckedFolder } from './checked-folder.js';

/**
 * Reads a file of class names, one a line in the order of the labels, if there is one. Throws `InputError`
 * `dataset.classes` for an empty line, a name twice, fewer than two names, or another number than `count`.
 */
export async function readClassNames(
  folder: CheckedFolder,
  name: string,
  count?: number,
): Promise<string[] | undefined> {
  const bytes = await folder.read(name, 2 ** 20);
  if (bytes === undefined) return undefined;
  const path = join(folder.path, name);
  const names = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  if (names.length < 2 || names.includes('') || new Set(names).size < names.length) {
    throw new InputError({
      code: 'dataset.classes',
      message: `${path} has an empty line, a name twice, or fewer than two names`,
      hint: 'write one class name a line, in the order of the labels',
    });
  }
  if (count !== undefined && names.length !== count) {
    throw new InputError({
      code: 'dataset.classes',
      message: `${path} has ${names.length} names, the data set has ${count} classes`,
      hint: 'fetch the file again, or take it away: the data set can do without',
    });
  }
  return names;
}

/** `0`, `1` and so on: the names of classes that have no others. */
export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, label) => `${label}`);
}
