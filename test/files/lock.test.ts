import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { takeLock, withLock } from '../../src/files/index.js';

describe('lock', () => {
  /** A file whose lock and removal hold `text`, written a minute ago. */
  const leftBehind = (text: string): { folder: string; file: string } => {
    const folder = mkdtempSync(join(tmpdir(), 'veilmark-lock-'));
    const file = join(folder, 'ledger');
    const minuteAgo = new Date(Date.now() - 60_000);
    for (const path of [`${file}.lock`, `${file}.lock.removal`]) {
      writeFileSync(path, text);
      utimesSync(path, minuteAgo, minuteAgo);
    }
    return { folder, file };
  };

  it('takes over what a full disk left empty', async () => {
    const { folder, file } = leftBehind('');
    expect(await withLock(file, () => Promise.resolve(7))).to.equal(7);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('takes over what a process left that is gone', async () => {
    const { folder, file } = leftBehind(String(2 ** 31 - 1));
    expect(await withLock(file, () => Promise.resolve(7))).to.equal(7);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  // In a container every process may have the same number.
  it('takes over what a process of the same number left', async () => {
    const { folder, file } = leftBehind(String(process.pid));
    expect(await withLock(file, () => Promise.resolve(7))).to.equal(7);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('waits for what this process holds itself', async () => {
    const { folder, file } = leftBehind('');
    const release = await takeLock(file);
    let isIn = false;
    const waiting = withLock(file, () => Promise.resolve((isIn = true)));
    await new Promise((done) => setTimeout(done, 100));
    expect(isIn).to.equal(false);
    await release();
    await waiting;
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('lets one piece of work run at a time', async () => {
    const { file } = leftBehind('');
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, 5));
      running--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, work)));
    expect(most).to.equal(1);
  });
});
