import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { EnvironmentError } from '../base/index.js';

const patienceMs = 10_000;
const emptyMs = 5_000;

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
        hint: `wait for it to end; if no veilmark process runs, delete ${lock} and ${lock}.removal`,
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
  let isOurs = false;
  try {
    const file = await open(lock, 'wx', 0o600);
    isOurs = true;
    try {
      await file.writeFile(String(process.pid));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    if (isOurs) await rm(lock, { force: true }).catch(() => undefined);
    throw new EnvironmentError({
      code: 'file.write',
      message: `cannot write ${lock}: ${(error as Error).message}`,
      cause: error,
    });
  }
}

/**
 * Removes a lock whose process is gone, one process at a time: of two that saw the same dead lock, the second would
 * otherwise remove the one that the first has taken since.
 */
async function removeIfStale(lock: string): Promise<void> {
  if (!(await isStale(lock))) return;
  const removal = `${lock}.removal`;
  if (!(await take(removal))) {
    // Whoever was removing the lock died at it: the next round takes the removal.
    if (await isStale(removal)) await rm(removal, { force: true });
    return;
  }
  try {
    if (await isStale(lock)) await rm(lock, { force: true });
  } finally {
    await rm(removal, { force: true });
  }
}

/** A lock of a process that is gone, or one that a crash left before its process was written into it. */
async function isStale(lock: string): Promise<boolean> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === '') return (await age(lock)) > emptyMs;
  const holder = Number(text);
  if (!Number.isSafeInteger(holder) || holder <= 0) return false;
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Milliseconds since a file was written; 0 if it is gone. */
async function age(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found ? Date.now() - found.mtimeMs : 0;
}
