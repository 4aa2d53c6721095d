import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import fc from 'fast-check';

import { bytesToHex } from '../../src/base/index.js';
import {
  decodeCounter,
  encodeLedger,
  FileCounter,
  FileLedger,
  FileWhiteBoxLedger,
  isCounter,
  lostSessions,
  lostSpendings,
} from '../../src/prover/index.js';
import { coded } from '../coded.js';
import { canonical, taggedHash } from '../twin/bytes.js';
import { spending } from './spending.js';

const commitment = new Uint8Array(32).fill(5);
const hex = (byte: number): string => bytesToHex(new Uint8Array(32).fill(byte));
const challengeOf = (session: number, challenge = session) => ({
  ...{ session: hex(session), challenge: hex(challenge), network: hex(9), judge: hex(8), batch: 1 },
});
const pointOf = (session: number, point = session) => ({
  session: hex(session),
  point: hex(point),
});

describe('the counter of the ledgers', () => {
  let folder: string;
  let path: string;
  let memory: string;
  let ledger: FileLedger;
  let whiteBox: FileWhiteBoxLedger;
  let counter: FileCounter;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-counter-'));
    path = join(folder, 'claim', 'ledger.veilmark');
    memory = join(folder, 'claim', 'white-box', 'ledger.veilmark');
    counter = new FileCounter(join(folder, 'state', 'claim.counter'), commitment);
    ledger = new FileLedger(path, commitment, { counter });
    whiteBox = new FileWhiteBoxLedger(join(folder, 'claim', 'white-box'), commitment, {
      cap: 9,
      counter,
    });
    await counter.begin();
    await whiteBox.challenge(challengeOf(1));
    await writeFile(path, encodeLedger(commitment, []));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const batches = async (): Promise<number[]> => (await ledger.spent()).map(({ batch }) => batch);

  it('knows all that was answered, for its owner’s eyes only', async () => {
    await ledger.spend(spending(2, 1));
    await whiteBox.point(pointOf(1));
    const counted = await counter.read();
    expect(counted?.spendings).to.deep.equal([spending(2, 1)]);
    expect(counted?.sessions).to.deep.equal([{ ...challengeOf(1), point: hex(1) }]);
    expect((await stat(counter.path)).mode & 0o777).to.equal(0o600);
  });

  it('has the bytes of the specification', async () => {
    await ledger.spend(spending(2, 1));
    const body = canonical({
      commitment: bytesToHex(commitment),
      sessions: [{ ...challengeOf(1), point: '' }],
      spendings: [spending(2, 1)],
    });
    const digest = taggedHash('veilmark/counter-digest/1', [body]).toString('hex');
    const file = new Uint8Array(await readFile(counter.path));
    expect(Buffer.from(file).toString()).to.equal(`veilmark/counter/1\n${body}\n${digest}\n`);
    expect(isCounter(file)).to.equal(true);
    for (let at = 0; at < file.length; at += 3) {
      const damaged = file.map((byte, i) => (i === at ? byte ^ 1 : byte));
      await coded('counter.format', () => decodeCounter(damaged));
    }
  });

  it('refuses every older copy of a ledger, whatever was spent, and rebuilds it', async () => {
    const spend = fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(spend, fc.nat(3), async (spent, back) => {
        await rm(counter.path);
        await writeFile(path, encodeLedger(commitment, []));
        const copies: Uint8Array[] = [];
        for (const batch of spent) {
          copies.push(new Uint8Array(await readFile(path)));
          await ledger.spend(spending(batch, batch + 1));
        }
        await writeFile(path, copies[Math.min(back, copies.length - 1)]!);
        await coded('ledger.restored', () => ledger.spent());
        await coded('ledger.restored', () => ledger.spend(spending(9, 9)));
        expect(await ledger.rebuild()).to.equal(copies.length - Math.min(back, copies.length - 1));
        expect(await batches()).to.deep.equal([...spent].sort());
        expect(await ledger.rebuild()).to.equal(0);
      }),
      { numRuns: 15 },
    );
  });

  it('rebuilds a ledger that was lost', async () => {
    await ledger.spend(spending(1, 1));
    await rm(path);
    await coded('file.missing', () => ledger.spent());
    expect(await ledger.rebuild()).to.equal(1);
    expect(await batches()).to.deep.equal([1]);
    await coded('ledger.second-challenge', () => ledger.spend(spending(0, 1, 9)));
  });

  it('refuses an older memory of white box sessions: no second point, and no second challenge', async () => {
    const challenged = await readFile(memory);
    await whiteBox.point(pointOf(1));
    await writeFile(memory, challenged);
    await coded('ledger.restored', () => whiteBox.point(pointOf(1, 2)));
    expect(await whiteBox.rebuild()).to.equal(1);
    await coded('ledger.second-point', () => whiteBox.point(pointOf(1, 2)));
    await rm(memory);
    await coded('ledger.restored', () => whiteBox.challenge(challengeOf(1, 7)));
    expect(await whiteBox.rebuild()).to.equal(1);
    await coded('ledger.second-challenge', () => whiteBox.challenge(challengeOf(1, 7)));
    expect(await whiteBox.count()).to.equal(1);
  });

  it('catches up with a ledger that is ahead, as after a kill between the two', async () => {
    await new FileLedger(path, commitment).spend(spending(0, 1));
    expect((await counter.read())?.spendings).to.deep.equal([]);
    await ledger.spend(spending(0, 1));
    expect((await counter.read())?.spendings).to.deep.equal([spending(0, 1)]);
    await new FileLedger(path, commitment).spend(spending(3, 2));
    await ledger.count();
    expect((await counter.read())?.spendings).to.have.length(2);
  });

  it('is of one commitment', async () => {
    const other = new FileCounter(counter.path, new Uint8Array(32));
    await coded('counter.commitment', () => other.read());
  });

  it('compares tens of thousands of answers in no time', () => {
    const sessions = Array.from({ length: 30_000 }, (_, i) => ({
      ...{ session: `${i}`.padStart(64, '0'), challenge: hex(1), network: hex(9), judge: hex(8) },
      ...{ batch: 1, point: i % 2 === 0 ? '' : hex(2) },
    }));
    const spendings = sessions.map((_, i) => spending(i, i));
    const began = performance.now();
    expect(lostSessions({ sessions, spendings }, sessions.slice(1))).to.deep.equal([sessions[0]]);
    const unpointed = sessions.map((one) => ({ ...one, point: '' }));
    expect(lostSessions({ sessions, spendings }, unpointed)).to.have.length(15_000);
    expect(lostSessions({ sessions: unpointed, spendings }, sessions)).to.deep.equal([]);
    expect(lostSpendings({ sessions, spendings }, spendings.slice(1))).to.have.length(1);
    expect(performance.now() - began).to.be.below(5000);
  });
});
