import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, start, veilmark } from './veilmark.js';
import {
  copyClaim,
  counts,
  judgeWords,
  listing,
  quick,
  session,
  type Workshop,
  workshop,
  writePolicy,
} from './workshop.js';

/** A file system of a few kilobytes, full but for `free` of them; undefined where it may not be mounted. */
function fullDisk(free: number): { path: string; release: () => void } | undefined {
  const path = newFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  writeFileSync(join(path, 'filler'), new Uint8Array(1024 * (256 - free)));
  return {
    path,
    release: () => {
      execFileSync('umount', ['-l', path]);
    },
  };
}

describe('places that cannot be written', function () {
  this.timeout(120_000);
  let shop: Workshop;
  let disk: ReturnType<typeof fullDisk>;
  const full = { code: 'file.write', exit: 5, says: /ENOSPC/ };

  before(async () => {
    shop = await workshop();
  });

  afterEach(() => {
    disk?.release();
    disk = undefined;
  });

  it('refuses what exists, and a folder below a file, and loses nothing', async () => {
    const before = readFileSync(shop.commitment);
    const task = ['--key', shop.ownerKey, '--data', shop.data, '--plain', ...counts];
    const below = join(shop.ownerKey, 'x');
    await Promise.all([
      fails({ code: 'file.exists', exit: 2 }, ['keygen', shop.ownerKey, '--plain']),
      fails({ code: 'file.exists', exit: 2 }, ['commit', shop.claim, ...task]),
      fails({ code: 'file.exists', exit: 2 }, ['embed', shop.model, '--claim', shop.claim]),
      fails({ code: 'file.write', exit: 5 }, ['commit', below, ...task]),
    ]);
    expect(readFileSync(shop.commitment)).to.deep.equal(before);
  });

  it('a claim on a full disk: nothing is left of it', async function () {
    disk = fullDisk(8);
    if (!disk) this.skip();
    const claim = join(disk.path, 'claim');
    const task = ['--key', shop.ownerKey, '--data', shop.data, '--plain', ...counts];
    await fails(full, ['commit', claim, ...task]);
    expect(listing(disk.path)).to.deep.equal(['filler']);
  });

  it('a checkpoint on a full disk: training ends, nothing half-written', async function () {
    disk = fullDisk(8);
    if (!disk) this.skip();
    const model = join(newFolder(), 'model');
    const words = ['embed', model, '--claim', shop.claim, '--data', shop.data, ...quick];
    const checkpoint = join(disk.path, 'checkpoint');
    await fails(full, [...words, '--checkpoint', checkpoint]);
    expect(listing(disk.path)).to.deep.equal(['filler']);
    expect(existsSync(model)).to.equal(false);
  });

  it('a ledger on a full disk: the batch is not opened', async function () {
    disk = fullDisk(44);
    if (!disk) this.skip();
    const claim = join(disk.path, 'claim');
    mkdirSync(claim);
    cpSync(shop.claim, claim, { recursive: true });
    writeFileSync(join(disk.path, 'more'), '');
    try {
      writeFileSync(join(disk.path, 'more'), new Uint8Array(2 ** 18));
    } catch {
      // Now it is full to the last page.
    }
    const before = readFileSync(join(claim, 'ledger.veilmark'));
    const transcript = join(newFolder(), 't');
    const prover = await start([
      ...['prove', '--claim', claim, '--key', shop.ownerKey, '--listen', '127.0.0.1:0'],
      ...['--transcripts', newFolder()],
    ]);
    const [, url = ''] = await prover.says(/listening on (wss?:\S+),/);
    const judge = await veilmark([
      ...judgeWords(shop, transcript, url),
      ...['--suspect', shop.model, '--policy', writePolicy(newFolder(), { deadlineSeconds: 2 })],
    ]);
    // The owner says nothing that he could not keep: before his first word nothing is held against him.
    expect(judge.stdout).to.equal('inconclusive, cause peer.silent\n');
    expect((await prover.interrupt()).stderr).to.match(/ended, cannot write .* \[file\.write\]/);
    expect(readFileSync(join(claim, 'ledger.veilmark'))).to.deep.equal(before);
    expect(listing(claim).filter((name) => /\.tmp|\.lock|journal/.test(name))).to.deep.equal([]);
  });

  it('a journal on a full disk: the session goes on when there is room again', async function () {
    disk = fullDisk(8);
    if (!disk) this.skip();
    const transcript = join(disk.path, 'session.transcript');
    const words = ['--claim', copyClaim(shop), '--key', shop.ownerKey, '--once'];
    const prover = await start(['prove', ...words, '--listen', '127.0.0.1:0']);
    const [, url = ''] = await prover.says(/listening on (wss?:\S+),/);
    const policy = writePolicy(newFolder());
    const options = ['--suspect', shop.model, '--policy', policy];
    const judging = [...judgeWords(shop, transcript, url), ...options];
    const stopped = await veilmark(judging);
    expect(stopped.stdout).to.equal('inconclusive, cause file.write\n');
    expect(stopped.stderr).to.match(/^hint: free some space, then run the same command again/m);
    rmSync(join(disk.path, 'filler'));
    expect((await veilmark(judging)).stdout).to.match(/^proved, /);
    expect((await veilmark(['verify', transcript, '--policy', policy])).code).to.equal(0);
    expect((await prover.ended).code).to.equal(0);
  });

  it('a transcript on a full disk is kept elsewhere: its batch is spent', async function () {
    disk = fullDisk(24);
    if (!disk) this.skip();
    const transcript = join(disk.path, 'session.transcript');
    const { judge, policy } = await session(shop, ['--suspect', shop.model], {
      transcript,
      setting: { env: { TMPDIR: newFolder() } },
    });
    expect(judge.stdout).to.match(/^proved, /);
    expect(judge.code).to.equal(5);
    const [, kept = ''] = /the transcript was written to (.*) \[file\.write\]/.exec(judge.stderr)!;
    expect((await veilmark(['verify', kept, '--policy', policy])).code).to.equal(0);
    expect(listing(disk.path)).to.deep.equal(['filler', 'session.transcript.journal']);
  });

  it('refuses a place for the transcript that cannot be written before it connects', async () => {
    const transcript = join(shop.ownerKey, 'transcript');
    const words = [...judgeWords(shop, transcript, 'ws://127.0.0.1:9'), '--suspect', shop.model];
    await fails({ code: 'file.write', exit: 5, says: /cannot write/ }, words);
  });
});
