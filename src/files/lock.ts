import { open, readFile, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { EnvironmentError } from '../base/index.js';

const patienceMs = 10_000;
const emptyMs = 5_000;

/** Locks that this process holds, each with its taking: a restarted process may have the number of one that left a lock behind. */
const held = new Map<string, symbol>();

/**
 * Runs `work` while holding `path`.lock, so that two processes never change one file at a time. A lock whose process is
 * gone is taken over. Throws `EnvironmentError` `file.locked` after ten seconds.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const release = await takeLock(path);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Takes `path`.lock as `withLock` does, until what it gives is called. Throws `EnvironmentError` `file.locked` or `file.write`. */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const lock = `${resolve(path)}.lock`;
  const deadline = Date.now() + patienceMs;
  let taking = await take(lock);
  for (; taking === undefined; taking = await take(lock)) {
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
  const own = taking;
  return () => give(lock, own);
}

/** Whoever takes the lock as soon as its file is gone has it then. */
async function give(lock: string, taking: symbol): Promise<void> {
  await rm(lock, { force: true });
  if (held.get(lock) === taking) held.delete(lock);
}

async function take(lock: string): Promise<symbol | undefined> {
  const taking = Symbol(lock);
  let isOurs = false;
  try {
    const file = await open(lock, 'wx', 0o600);
    isOurs = true;
    held.set(lock, taking);
    try {
      await file.writeFile(String(process.pid));
    } finally {
      await file.close();
    }
    return taking;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    if (isOurs) await give(lock, taking).catch(() => undefined);
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
  const taking = await take(removal);
  if (taking === undefined) {
    // Whoever was removing the lock died at it: the next round takes the removal.
    if (await isStale(removal)) await rm(removal, { force: true });
    return;
  }
  try {
    if (await isStale(lock)) await rm(lock, { force: true });
  } finally {
    await give(removal, taking);
  }
}

/** A lock of a process that is gone, or one that a crash left before its process was written into it. */
async function isStale(lock: string): Promise<boolean> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === '') return (await age(lock)) > emptyMs;
  const holder = Number(text);
  if (!Number.isSafeInteger(holder) || holder <= 0) return false;
  if (holder === process.pid) return !held.has(lock);
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
