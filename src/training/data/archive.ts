import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { Parser, type ReadEntry } from 'tar';

import { InputError } from '../../base/index.js';
import { isPictureName, pictureLimits } from '../../files/index.js';
import { sharedSlabs } from './shared-slabs.js';

/** Most bytes of an archive once unpacked; its pictures are held in memory as they are, in PNG, JPEG or WebP. */
export const archiveLimit = 2 ** 31;

/** A file or folder of an archive. */
export interface ArchiveEntry {
  /** The parts of its path. */
  readonly parts: readonly string[];
  readonly isFolder: boolean;
  /** Of a picture, in memory that threads share; other files are only named. */
  readonly bytes?: Uint8Array;
}

/**
 * Reads the entries of a `.tar` or `.tar.gz` into memory, in the archive's order, without those that have a name with a dot
 * in front anywhere on their path. Throws `InputError` `file.missing`, `file.read`; `dataset.archive` for an archive that is
 * damaged, cut off, or holds anything but files and folders with plain relative paths; `dataset.size` for more than `limit`
 * bytes, before they are held.
 */
export async function readArchive(
  path: string,
  { limit = archiveLimit }: { limit?: number } = {},
): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  const allocate = sharedSlabs();
  let unpacked = 0;
  let ended = false;
  let failure: unknown;
  const fail = (error: unknown) => (failure ??= error);
  const parser = new Parser({
    strict: true,
    zstd: false,
    onReadEntry: (entry) => {
      try {
        const read = take(entry, { path, allocate });
        if (read !== undefined) entries.push(read);
      } catch (error) {
        fail(error);
      }
      entry.resume();
    },
  });
  parser.on('error', fail);
  parser.on('ignoredEntry', ({ path: name, type }: ReadEntry) => fail(odd(path, name, type)));
  parser.on('eof', () => (ended = true));
  const parse = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      // The parser would unpack gzip in gzip by itself, without our limit.
      if (unpacked === 0 && chunk[0] === 0x1f) fail(new Error('it is packed twice'));
      unpacked += chunk.length;
      if (unpacked > limit) fail(tooLarge(path, limit));
      if (failure !== undefined) return;
      // What follows the end is only counted (and, in gzip, compared with its checksum).
      if (!ended) parser.write(chunk);
    }
    if (!ended) fail(new Error('it ends before its end mark'));
  };
  try {
    if (await isGzip(path)) await pipeline(createReadStream(path), createGunzip(), parse);
    else await pipeline(createReadStream(path), parse);
  } catch (error) {
    fail(error);
  }
  if (failure !== undefined) throw asInputError(path, failure);
  return entries;
}

/** Reads one entry; nothing for one that is hidden. Its bytes are there once the parser is past it. */
function take(
  entry: ReadEntry,
  { path, allocate }: { path: string; allocate: (size: number) => Uint8Array },
): ArchiveEntry | undefined {
  const isFolder = entry.type === 'Directory';
  if (!isFolder && !['File', 'OldFile', 'ContiguousFile'].includes(entry.type)) {
    throw odd(path, entry.path, entry.type);
  }
  const parts = entry.path.split('/');
  if (parts[0] === '' || parts.includes('..')) {
    throw archiveError(path, `has the path ${JSON.stringify(entry.path)}`);
  }
  const plain = parts.filter((part) => part !== '' && part !== '.');
  if (plain.length === 0 || plain.some((part) => part.startsWith('.'))) return undefined;
  if (isFolder || !isPictureName(entry.path)) return { parts: plain, isFolder };
  if (entry.size > pictureLimits.bytes) throw tooLarge(path, pictureLimits.bytes, entry.path);
  const bytes = allocate(entry.size);
  let filled = 0;
  entry.on('data', (chunk: Uint8Array) => {
    bytes.set(chunk, filled);
    filled += chunk.length;
  });
  return { parts: plain, isFolder, bytes };
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(new Uint8Array(2), 0, 2);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

function asInputError(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return archiveError(path, `is damaged or cut off (${message})`, error);
  return new InputError({
    code: code === 'ENOENT' ? 'file.missing' : 'file.read',
    message:
      code === 'ENOENT' ? `there is no archive at ${path}` : `cannot read ${path}: ${message}`,
    hint: 'check the path',
    cause: error,
  });
}

function odd(path: string, name: string, type: string): InputError {
  return archiveError(path, `has ${JSON.stringify(name)} of the type ${type}`);
}

function archiveError(path: string, what: string, cause?: unknown): InputError {
  return new InputError({
    code: 'dataset.archive',
    message: `the archive ${path} ${what}`,
    hint: 'pack files and folders alone, with relative paths, in tar or tar with gzip: tar czf data.tar.gz train test',
    cause,
  });
}

function tooLarge(path: string, limit: number, name?: string): InputError {
  return new InputError({
    code: 'dataset.size',
    message: `${name === undefined ? 'the archive' : `${JSON.stringify(name)} in the archive`} ${path} unpacks to more than ${limit} bytes`,
    hint: 'unpack it and name the folder: its pictures are then read one by one',
  });
}
