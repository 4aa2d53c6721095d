import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { mustBeWritable, readFileLimited } from '../../src/files/index.js';
import { coded } from '../coded.js';

describe('files/atomic', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-atomic-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('tries a place without leaving anything there', async () => {
    await mustBeWritable(join(folder, 'a', 'b', 'file'));
    expect(await readdir(folder)).to.deep.equal([]);
    await mkdir(join(folder, 'a'));
    await writeFile(join(folder, 'a', 'kept'), '');
    await mustBeWritable(join(folder, 'a', 'b', 'file'));
    await mustBeWritable(join(folder, 'a', 'kept'));
    expect(await readdir(folder, { recursive: true })).to.deep.equal(['a', join('a', 'kept')]);
  });

  it('refuses a place below a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await coded('file.write', () => mustBeWritable(join(folder, 'file', 'x')));
    await coded('file.write', () => mustBeWritable(join(folder, 'file', 'x', 'y')));
  });

  it('says what to do about a file that is too large', async () => {
    await writeFile(join(folder, 'file'), 'four');
    const limits = { limit: 3, what: 'file' };
    const error = await coded('file.size', () => readFileLimited(join(folder, 'file'), limits));
    expect(error.hint).to.match(/./);
  });
});
