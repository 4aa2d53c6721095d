import { InputError } from '../../base/index.js';
import { naturalOrder } from '../../files/index.js';
import { type ArchiveEntry, readArchive } from './archive.js';
import type { PictureTree } from './picture-tree.js';

interface File {
  readonly path: string;
  readonly bytes: Uint8Array;
}
type Folder = Map<string, Folder | File>;

/**
 * The tree of what one or more archives hold together, each without the one leading folder that it may have around
 * everything. Throws `InputError` `dataset.archive` for a path that is there twice, and as `readArchive` does.
 */
export async function archiveTree(
  paths: readonly string[],
  options?: { limit?: number },
): Promise<PictureTree> {
  const root: Folder = new Map();
  for (const path of paths) {
    const entries = await readArchive(path, options);
    const skip = hasLeadingFolder(entries) ? 1 : 0;
    for (const entry of entries) insert(root, { path, entry, parts: entry.parts.slice(skip) });
  }
  const where = (path: string) => `${paths.join(',')}:${path}`;
  return {
    where,
    list(path) {
      const names = [...folderAt(root, path)].map(([name, found]) => ({
        name,
        isFolder: found instanceof Map,
      }));
      return Promise.resolve(names.sort((a, b) => naturalOrder(a.name, b.name)));
    },
    file(path) {
      const parts = path.split('/');
      const file = folderAt(root, parts.slice(0, -1).join('/')).get(parts.at(-1) ?? '');
      if (file === undefined || file instanceof Map) throw new Error(`no file ${where(path)}`);
      return Promise.resolve({ file, size: file.bytes.length });
    },
  };
}

/** Whether everything lies in one folder that is neither that of a split nor that of a class. */
function hasLeadingFolder(entries: readonly ArchiveEntry[]): boolean {
  const [first] = entries[0]?.parts ?? [];
  if (first === undefined || first === 'train' || first === 'test') return false;
  return entries.every(
    ({ parts, isFolder, bytes }) =>
      parts[0] === first &&
      (parts.length > 1 || isFolder) &&
      (parts.length > 2 || bytes === undefined),
  );
}

function insert(
  root: Folder,
  { path, entry, parts }: { path: string; entry: ArchiveEntry; parts: readonly string[] },
): void {
  let folder = root;
  for (const [i, name] of parts.entries()) {
    const found = folder.get(name);
    if (i === parts.length - 1 && !entry.isFolder) {
      if (found !== undefined) throw twice(path, entry);
      const bytes = entry.bytes ?? new Uint8Array();
      folder.set(name, { path: `${path}:${entry.parts.join('/')}`, bytes });
    } else if (found instanceof Map) {
      folder = found;
    } else {
      if (found !== undefined) throw twice(path, entry);
      const made: Folder = new Map();
      folder.set(name, made);
      folder = made;
    }
  }
}

function folderAt(root: Folder, path: string): Folder {
  let folder = root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const found = folder.get(name);
    if (!(found instanceof Map)) throw new Error(`no folder ${path}`);
    folder = found;
  }
  return folder;
}

function twice(path: string, { parts }: ArchiveEntry): InputError {
  return new InputError({
    code: 'dataset.archive',
    message: `${JSON.stringify(parts.join('/'))} of the archive ${path} is there twice`,
    hint: 'pack each picture once; archives that are given together hold different ones',
  });
}
