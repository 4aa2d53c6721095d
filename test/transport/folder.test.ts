import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
});
