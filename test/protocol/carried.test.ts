import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { bytesToHex, VeilmarkError } from '../../src/base/index.js';
import { encodeMessage, type Party, type SessionRecord } from '../../src/protocol/index.js';
import { runOwner } from '../../src/prover/index.js';
import { FolderChannel } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { MemoryLedger, seeded, sharedClaim } from '../support/claim.js';
import { JournalDisk, Process } from '../support/mortal.js';
import { judgeOptions, ownerOptions } from '../support/session.js';

const claim = sharedClaim();

/** A session by files: each party has a folder and a journal, and people carry the files. */
class Carried {
  readonly ledger = new MemoryLedger();
  readonly records = new Map<Party, SessionRecord>();
  readonly #folder: string;
  readonly #disks: Record<Party, JournalDisk>;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    const { digest: commitment } = claim.commitment;
    const disk = (role: Party) =>
      new JournalDisk({ role, commitment, secret: seeded(`${name} ${role}`)(32) });
    this.#disks = { judge: disk('judge'), owner: disk('owner') };
  }

  path(party: Party, name = ''): string {
    return join(this.#folder, party, name);
  }

  /** One run of a party's command; gives the code of what it waits for. */
  async step(party: Party, isExpired = false): Promise<string> {
    const folder = this.path(party);
    const channel = new FolderChannel(folder, { party, maxMessage: 1e6, isExpired });
    const journal = this.#disks[party].open(new Process());
    try {
      const record = await (party === 'judge'
        ? runJudge({ ...judgeOptions(claim, channel), journal })
        : runOwner({
            ...{ ...ownerOptions(claim, channel), ledger: this.ledger },
            journalOf: () => Promise.resolve(journal),
          }));
      this.records.set(party, record);
      return record.outcome.cause;
    } catch (error) {
      if (!(error instanceof VeilmarkError)) throw error;
      return error.code;
    }
  }

  async carry(from: Party, name?: string): Promise<void> {
    const to = from === 'judge' ? 'owner' : 'judge';
    for (const file of await readdir(this.path(from))) {
      if (name !== undefined && !file.includes(name)) continue;
      await writeFile(this.path(to, file), await readFile(this.path(from, file)));
    }
  }

  /** Up to the challenge, which the owner has answered. */
  async challenged(): Promise<void> {
    expect(await this.step('judge')).to.equal('session.waiting');
    expect(await this.step('owner')).to.equal('session.waiting');
    await this.carry('judge');
    expect(await this.step('owner')).to.equal('session.waiting');
    await this.carry('owner');
    expect(await this.step('judge')).to.equal('session.waiting');
    await this.carry('judge');
    expect(await this.step('owner')).to.equal('session.waiting');
  }

  async finish(): Promise<void> {
    await this.carry('owner');
    expect(await this.step('judge')).to.equal('session.waiting');
    await this.carry('judge');
    expect(await this.step('owner')).to.equal('');
    await this.carry('owner');
    expect(await this.step('judge')).to.equal('');
    const [judge, owner] = [this.records.get('judge')!, this.records.get('owner')!];
    expect(judge.outcome.verdict).to.equal('proved');
    expect(bytesToHex(owner.transcript)).to.equal(bytesToHex(judge.transcript));
    expect(this.ledger.spendings).to.have.length(1);
  }
}

describe('sessions whose messages people carry', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-carried-'));
    for (const name of ['one', 'two']) {
      for (const party of ['judge', 'owner']) {
        await mkdir(join(folder, name, party), { recursive: true });
      }
    }
  });
  afterEach(() => rm(folder, { recursive: true }));
  const sessions = (): [Carried, Carried] => [
    new Carried(join(folder, 'one'), 'one'),
    new Carried(join(folder, 'two'), 'two'),
  ];

  it('wait for the right file where one of another session was put', async () => {
    const [one, two] = sessions();
    await one.challenged();
    await two.challenged();
    const foreign = await readFile(two.path('owner', '0003-owner-openings.message'));
    await writeFile(one.path('judge', '0003-owner-openings.message'), foreign);
    expect(await one.step('judge')).to.equal('session.copy');
    // Nor does what was taken before turn against anyone when it is overwritten.
    await one.carry('owner');
    const hello = await readFile(two.path('owner', '0001-owner-hello.message'));
    await writeFile(one.path('judge', '0001-owner-hello.message'), hello);
    expect(await one.step('judge')).to.equal('session.copy');
    const challenge = await readFile(two.path('judge', '0002-judge-challenge.message'));
    await writeFile(one.path('owner', '0002-judge-challenge.message'), challenge);
    expect(await one.step('owner')).to.equal('session.copy');
    await one.carry('judge', '0002-judge');
    await one.finish();
  });

  it('wait for the right file where a copy was changed, and end when told to', async () => {
    const [one] = sessions();
    await one.challenged();
    const file = await readFile(one.path('owner', '0003-owner-openings.message'));
    const at = file.length - 100;
    file[at] = file[at] === 0x41 ? 0x42 : 0x41;
    await writeFile(one.path('judge', '0003-owner-openings.message'), file);
    expect(await one.step('judge')).to.equal('session.copy');
    expect(await one.step('judge', true)).to.equal('peer.silent');
    expect(one.records.get('judge')!.outcome.verdict).to.equal('not-proved');
  });

  it('begin with the right file, whatever was put there before', async () => {
    const [one] = sessions();
    const path = one.path('owner', '0000-judge-hello.message');
    const junk = { seq: 0, from: 'judge', type: 'hello', payload: new Uint8Array(2) } as const;
    await writeFile(path, encodeMessage({ ...junk, signature: new Uint8Array(64) }));
    expect(await one.step('owner')).to.equal('session.copy');
    expect(await readdir(one.path('owner'))).to.have.length(1);
    await rm(path);
    await one.challenged();
    await one.finish();
  });
});
