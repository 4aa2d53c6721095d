import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { encodeMessage, type Party } from '../../src/protocol/index.js';
import { FolderChannel } from '../../src/transport/index.js';
import { coded } from '../coded.js';

const message = (seq: number, from: Party, type: string, size = 2): Uint8Array =>
  encodeMessage({
    ...{ seq, from, type, payload: new Uint8Array(size), signature: new Uint8Array(64) },
  });

describe('messages as files in a folder', () => {
  let folder: string;
  const open = (party: Party, isExpired = false): FolderChannel =>
    new FolderChannel(folder, { party, maxMessage: 1000, isExpired });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-messages-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are named by number, party and type, and hold the message and nothing else', async () => {
    const judge = open('judge');
    await judge.send(message(0, 'judge', 'hello'));
    await judge.send(message(12, 'judge', 'verdict'));
    const names = ['0000-judge-hello.message', '0012-judge-verdict.message'];
    expect((await readdir(folder)).sort()).to.deep.equal(names);
    expect((await stat(join(folder, names[0]!))).mode & 0o777).to.equal(0o600);
    const bytes = new Uint8Array(await readFile(join(folder, names[0]!)));
    expect(bytes).to.deep.equal(message(0, 'judge', 'hello'));
    const owner = open('owner');
    expect(await owner.receive(1)).to.deep.equal(message(0, 'judge', 'hello'));
    expect(await owner.receive(1)).to.deep.equal(message(12, 'judge', 'verdict'));
    await coded('session.waiting', () => owner.receive(1));
    expect(await open('owner').receive(1), 'another process').to.deep.equal(bytes);
  });

  it('say what is missing, or that the other side let its time pass', async () => {
    const expected = { seq: 5, from: 'owner', types: ['proofs', 'decline'] } as const;
    const { message: said } = await coded('session.waiting', () =>
      open('judge').receive(1, { message: expected }),
    );
    expect(said).to.match(
      /waiting for the owner: put 0005-owner-proofs.message or 0005-owner-decline/,
    );
    await coded('peer.silent', () => open('judge', true).receive(1, { message: expected }));
    expect(open('judge', true).gone?.aborted).to.equal(true);
  });

  it('are written once: the same again is fine, another one is not', async () => {
    const judge = open('judge');
    await judge.send(message(0, 'judge', 'hello'));
    await judge.send(message(0, 'judge', 'hello'));
    await coded('session.folder', () => judge.send(message(0, 'judge', 'hello', 3)));
  });

  it('are not taken when half a copy, too large, or something else', async () => {
    const path = join(folder, '0001-owner-hello.message');
    const whole = message(1, 'owner', 'hello');
    await writeFile(path, whole.subarray(0, -1));
    await writeFile(join(folder, '.0001-owner-hello.message'), 'hidden');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const judge = open('judge');
    await coded('session.copy', () => judge.receive(1));
    await writeFile(path, message(1, 'owner', 'hello', 2000));
    await coded('session.copy', () => judge.receive(1));
    await writeFile(path, whole);
    expect(await judge.receive(1)).to.deep.equal(whole);
    await coded('session.waiting', () => judge.receive(1));
  });

  it('are not taken under the name of another one, nor before the one that is awaited', async () => {
    const wanted = { message: { seq: 1, from: 'owner', types: ['hello'] } } as const;
    await writeFile(join(folder, '0003-owner-openings.message'), message(3, 'owner', 'openings'));
    const judge = open('judge');
    await coded('session.waiting', () => judge.receive(1, wanted));
    const path = join(folder, '0001-owner-hello.message');
    await writeFile(path, message(3, 'owner', 'openings'));
    const { message: said } = await coded('session.copy', () => judge.receive(1, wanted));
    expect(said).to.contain('belongs into 0003-owner-openings.message');
    await writeFile(path, message(1, 'owner', 'hello'));
    expect(await judge.receive(1, wanted)).to.deep.equal(message(1, 'owner', 'hello'));
  });

  it('are plain files: no link is followed, and no pipe is waited for', async () => {
    const path = join(folder, '0001-owner-hello.message');
    await writeFile(join(folder, 'elsewhere'), message(1, 'owner', 'hello'));
    for (const make of [
      () => symlink('elsewhere', path),
      () => symlink('/dev/zero', path),
      () => Promise.resolve(execFileSync('mkfifo', [path])),
    ]) {
      await make();
      await coded('session.copy', () => open('judge').receive(1));
      await coded('session.folder', () => open('owner').send(message(1, 'owner', 'hello')));
      await rm(path);
    }
    await symlink('nowhere', path);
    await coded('session.folder', () => open('owner').send(message(1, 'owner', 'hello')));
  });

  it('leave a session that can be ended, whatever lies in the folder', async () => {
    await writeFile(join(folder, '0001-owner-hello.message'), 'half a co');
    await coded('peer.silent', () => open('judge', true).receive(1));
  });
});
