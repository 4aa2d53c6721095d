import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, veilmark } from './veilmark.js';
import {
  counts,
  judgeWords,
  listing,
  quick,
  session,
  type Workshop,
  workshop,
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
    const transcripts = ['--transcripts', newFolder()];
    const { judge, owner, transcript } = await session(shop, ['--suspect', shop.model], {
      claim,
      prove: transcripts,
    });
    expect(judge.stdout).to.match(/^not-proved, cause file\.write/);
    expect(owner.stderr).to.match(/cause file\.write/);
    expect(readFileSync(join(claim, 'ledger.veilmark'))).to.deep.equal(before);
    const inspected = await veilmark(['inspect', transcript]);
    expect(inspected.stdout).not.to.match(/openings from the owner/);
    expect(listing(claim).filter((name) => name.includes('.tmp'))).to.deep.equal([]);
  });

  it('a transcript on a full disk is kept elsewhere: its batch is spent', async function () {
    disk = fullDisk(8);
    if (!disk) this.skip();
    const at = { transcript: join(disk.path, 'session.transcript') };
    const { judge, policy } = await session(shop, ['--suspect', shop.model], {
      ...at,
      setting: { env: { TMPDIR: newFolder() } },
    });
    expect(judge.stdout).to.match(/^proved, /);
    expect(judge.code).to.equal(5);
    const [, kept = ''] = /the transcript was written to (.*) \[file\.write\]/.exec(judge.stderr)!;
    expect((await veilmark(['verify', kept, '--policy', policy])).code).to.equal(0);
    expect(listing(disk.path)).to.deep.equal(['filler']);
  });

  it('refuses a place for the transcript that cannot be written before it connects', async () => {
    const transcript = join(shop.ownerKey, 'transcript');
    const words = [...judgeWords(shop, transcript, 'ws://127.0.0.1:9'), '--suspect', shop.model];
    await fails({ code: 'file.write', exit: 5, says: /cannot write/ }, words);
  });
});
