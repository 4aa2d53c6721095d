import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { EnvironmentError } from '../base/index.js';

const patienceMs = 10_000;

/**
 * Runs `work` while holding `path`.lock, so that two processes never change one file at a time. A lock whose process is
 * gone is taken over. Throws `EnvironmentError` `file.locked` after ten seconds.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const deadline = Date.now() + patienceMs;
  while (!(await take(lock))) {
    await removeIfStale(lock);
    if (Date.now() > deadline) {
      throw new EnvironmentError({
        code: 'file.locked',
        message: `another process holds ${lock}`,
        hint: 'wait for it to end; if no veilmark process runs, delete the lock file',
      });
    }
    await sleep(20 + Math.floor(Math.random() * 20));
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new EnvironmentError({
      code: 'file.write',
      message: `cannot write ${lock}: ${(error as Error).message}`,
      cause: error,
    });
  }
}

async function removeIfStale(lock: string): Promise<void> {
  const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(holder) || holder <= 0) return;
  try {
    process.kill(holder, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') await rm(lock, { force: true });
  }
}
