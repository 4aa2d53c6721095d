import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { EnvironmentError, VeilmarkError } from '../base/index.js';
import { mustNotExist } from './atomic.js';

/**
 * Makes a new folder whole or not at all: `fill` writes into a temporary one beside it, which is then renamed. Throws
 * `InputError` `file.exists`, `EnvironmentError` `file.write`, and what `fill` throws.
 */
export async function writeFolderAtomic(
  folder: string,
  fill: (temporary: string) => Promise<void>,
  { mode = 0o755 }: { mode?: number } = {},
): Promise<void> {
  await mustNotExist(folder);
  const target = resolve(folder);
  const suffix = randomBytes(6).toString('hex');
  const temporary = join(dirname(target), `.${basename(target)}.${suffix}.tmp`);
  try {
    await mkdir(temporary, { recursive: true, mode });
    await fill(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (error instanceof VeilmarkError) throw error;
    throw new EnvironmentError({
      code: 'file.write',
      message: `cannot write ${folder}: ${(error as Error).message}; nothing was left there`,
      hint: 'choose a place that you may write to',
      cause: error,
    });
  }
}
