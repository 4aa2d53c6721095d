import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { EnvironmentError, InputError } from '../base/index.js';

/**
 * Writes a file whole or not at all: a temporary file beside it, flushed to disk, then renamed over it, then the
 * directory flushed. A crash or a full disk leaves the old file. Throws `EnvironmentError` `file.write`.
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  { mode = 0o644, exclusive = false }: { mode?: number; exclusive?: boolean } = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    if (exclusive) await link(temporary, path);
    else await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    throw writeError(path, error as NodeJS.ErrnoException);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Writes a file that only its owner can read (mode 0600), and that must not exist yet unless `replace`. */
export async function writeSecret(
  path: string,
  data: Uint8Array,
  { replace = false }: { replace?: boolean } = {},
): Promise<void> {
  await writeFileAtomic(path, data, { mode: 0o600, exclusive: !replace });
}

/** Refuses a path that exists already, before long work is done for it. Throws `InputError` `file.exists`. */
export async function mustNotExist(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined) throw exists(path);
}

/**
 * Tries whether a file or a new folder could be written at `path`, before long work is done for it, and leaves nothing there.
 * Throws `EnvironmentError` `file.write`.
 */
export async function mustBeWritable(path: string): Promise<void> {
  const probe = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  let made: string | undefined;
  try {
    made = await mkdir(dirname(path), { recursive: true });
    await (await open(probe, 'wx', 0o600)).close();
  } catch (error) {
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
    if (made !== undefined) await removeEmpty(dirname(path), made);
  }
}

/** Removes a folder and those around it up to `last`, as far as they are empty. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  const isRemoved = await rmdir(folder).then(
    () => true,
    () => false,
  );
  if (isRemoved && resolve(folder) !== resolve(last)) await removeEmpty(dirname(folder), last);
}

/** Reads a file of at most `limit` bytes. Throws `InputError` `file.missing`, `file.read` or `file.size`. */
export async function readFileLimited(
  path: string,
  { limit, what }: { limit: number; what: string },
): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > limit) {
      throw new InputError({
        code: 'file.size',
        message: `${what} ${path} has ${size} bytes, more than the ${limit} that veilmark reads`,
        hint: 'check the path: a file of this kind is never so large',
      });
    }
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError({
      code: code === 'ENOENT' ? 'file.missing' : 'file.read',
      message:
        code === 'ENOENT'
          ? `there is no ${what} at ${path}`
          : `cannot read ${what} ${path}: ${message}`,
      hint: 'check the path',
      cause: error,
    });
  }
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function exists(path: string): InputError {
  return new InputError({
    code: 'file.exists',
    message: `${path} exists already`,
    hint: 'choose another name, or move the old file away: veilmark never overwrites a secret or a claim',
  });
}

function writeError(path: string, error: NodeJS.ErrnoException): Error {
  return error.code === 'EEXIST' ? exists(path) : cannotWrite(path, error);
}

function cannotWrite(path: string, error: NodeJS.ErrnoException): EnvironmentError {
  return new EnvironmentError({
    code: 'file.write',
    message: `cannot write ${path}: ${error.message}; nothing was changed there`,
    hint:
      error.code === 'ENOSPC'
        ? 'free some space and run the same command again'
        : 'choose a place that you may write to',
    cause: error,
  });
}
