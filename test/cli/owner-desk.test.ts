import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { bytesToHex, VeilmarkError } from '../../src/base/index.js';
import { OwnerDesk } from '../../src/cli/owner-desk.js';
import { systemRandom } from '../../src/crypto/index.js';
import { writeFileAtomic } from '../../src/files/index.js';
import { openJournal, SessionFolder } from '../../src/journal/index.js';
import {
  type Channel,
  decodeOneMessage,
  decodeTranscript,
  encodeMessage,
  type SessionRecord,
} from '../../src/protocol/index.js';
import { encodeLedger, FileLedger } from '../../src/prover/index.js';
import { connectWebSocket, FolderChannel, memoryChannels } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { makeClaim, testPolicy } from '../support/claim.js';
import { judgeOptions, ownerOptions } from '../support/session.js';
import { Door, host } from '../support/tls.js';

const claim = makeClaim('sessions at a desk', { hidden: 8, audited: 2, batchSize: 4 });
const policy = { ...testPolicy, alphaBits: 1, grindingBits: 1, suspectBits: 0 };
const { digest } = claim.commitment;

describe('an owner’s desk', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-desk-'));
    await writeFileAtomic(join(folder, 'ledger'), encodeLedger(digest, []));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const sessionFolder = (): SessionFolder =>
    new SessionFolder({
      journals: join(folder, 'sessions'),
      transcripts: join(folder, 'transcripts'),
      commitment: digest,
      random: systemRandom,
    });

  /** A prover as a process has it: with a memory of its own, and the same disk as others. */
  const openDesk = (): { desk: OwnerDesk; ledger: FileLedger } => {
    const ledger = new FileLedger(join(folder, 'ledger'), digest);
    const options = ownerOptions(claim, memoryChannels()[0]);
    return { desk: new OwnerDesk(sessionFolder(), { ...options, ledger }), ledger };
  };

  /** One run of a judge's command; gives its record, or the code for which its session waits. */
  const judge = async (
    name: string,
    channel: Channel,
    changes: Partial<typeof policy> = {},
  ): Promise<SessionRecord | string> => {
    const journal = await openJournal(join(folder, name), {
      ...{ role: 'judge', commitment: digest, random: systemRandom },
    });
    try {
      const options = judgeOptions(claim, channel);
      return await runJudge({ ...options, policy: { ...policy, ...changes }, journal });
    } catch (error) {
      if (!(error instanceof VeilmarkError)) throw error;
      return error.code;
    } finally {
      await journal.close();
    }
  };

  const verdictOf = (record: SessionRecord | string): string =>
    typeof record === 'string' ? record : record.outcome.verdict;

  /** The batches that the owner declared spent, and the one that the coins picked. */
  const batchesOf = (record: SessionRecord | string): { spent: number[]; picked: number } => {
    if (typeof record === 'string' || record.session.phase !== 'closed') return expect.fail();
    const { ownerHello, challenge } = record.session;
    return { spent: ownerHello.spent.map(({ batch }) => batch), picked: challenge.batch };
  };

  /** A judge's end of a line that is cut when a message of a type has been sent or heard. */
  const cutAt = (channel: Channel, type: string): Channel => ({
    ...channel,
    send: async (bytes) => {
      await channel.send(bytes);
      if (decodeOneMessage(bytes).type === type) await channel.close();
    },
    receive: async (seconds, wanted) => {
      const bytes = await channel.receive(seconds, wanted);
      if (`heard ${decodeOneMessage(bytes).type}` === type) await channel.close();
      return bytes;
    },
  });

  it('says a session again that was over when its process was killed, and keeps no journal of it', async () => {
    const { desk } = openDesk();
    const [judgeEnd, ownerEnd] = memoryChannels();
    const [record, served] = await Promise.all([judge('t', judgeEnd), desk.serve(ownerEnd)]);
    expect(verdictOf(record)).to.equal('proved');
    expect(served.kind).to.equal('over');
    if (typeof record === 'string') return;
    const [hello] = decodeTranscript(record.transcript).messages.map(encodeMessage);
    // The transcript was written and the journal was not removed yet.
    const name = sessionFolder().nameOf(hello!);
    const left = await openJournal(join(folder, 'sessions', `${name}.journal`), {
      ...{ role: 'owner', commitment: digest, random: systemRandom },
    });
    await left.append({ kind: 'peer', message: hello! });
    await left.close();
    const [again, end] = memoryChannels();
    const [resaid] = await Promise.all([judge('t', again), openDesk().desk.serve(end)]);
    expect(verdictOf(resaid)).to.equal('proved');
    expect(await sessionFolder().names()).to.deep.equal([]);
  });

  for (const where of ['its own', 'another'] as const) {
    it(`never answers a judge’s hello in two ways, even while it ends in ${where} process`, async () => {
      const { desk } = openDesk();
      const laterDesk = where === 'another' ? openDesk().desk : desk;
      const [judgeEnd, ownerEnd] = memoryChannels();
      const [secondJudge, secondOwner] = memoryChannels();
      let second: Promise<unknown> = Promise.resolve();
      const slowly: Channel = {
        ...ownerEnd,
        send: async (bytes) => {
          await ownerEnd.send(bytes);
          if (decodeOneMessage(bytes).type !== 'acknowledgement') return;
          second = laterDesk.serve(secondOwner).catch(() => undefined);
          await new Promise((done) => setTimeout(done, 100));
        },
      };
      const hearing: Channel = {
        ...judgeEnd,
        send: async (bytes) => {
          await judgeEnd.send(bytes);
          if (decodeOneMessage(bytes).type === 'hello') await secondJudge.send(bytes);
        },
      };
      const [record] = await Promise.all([judge('t', hearing), desk.serve(slowly)]);
      expect(verdictOf(record)).to.equal('proved');
      if (typeof record === 'string') return;
      const said = decodeTranscript(record.transcript).messages.map(encodeMessage);
      expect(bytesToHex(await secondJudge.receive(5))).to.equal(bytesToHex(said[1]!));
      await secondJudge.close();
      await second;
    });
  }

  it('keeps no journal of a session that came to nothing', async () => {
    const { desk, ledger } = openDesk();
    let leave: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => (leave = resolve));
    void ledger.offers.turn({ seconds: 1, signal: undefined }, () => busy);
    const [judgeEnd, ownerEnd] = memoryChannels();
    const judging = judge('t', judgeEnd, { deadlineSeconds: 1 });
    const served = await desk.serve(ownerEnd);
    expect(served).to.have.nested.property('record.outcome.cause', 'prove.busy');
    leave();
    await judging;
    expect(await sessionFolder().names()).to.deep.equal([]);
  });

  it('ends no session by files for a judge who takes his time, but one over a connection', async () => {
    const { desk } = openDesk();
    const messages = join(folder, 'messages');
    const byFiles = (party: 'judge' | 'owner') =>
      new FolderChannel(messages, { party, maxMessage: 1e6 });
    expect(await judge('t', byFiles('judge'))).to.equal('session.waiting');
    expect(await desk.serve(byFiles('owner'))).to.include({ kind: 'waiting' });
    const [name = ''] = await sessionFolder().names();
    expect(await desk.expire(name)).to.equal(undefined);
    expect(await openDesk().desk.expire(name), 'another process').to.equal(undefined);
    const [judgeEnd, ownerEnd] = memoryChannels();
    await Promise.all([judge('t', cutAt(judgeEnd, 'challenge')), desk.serve(ownerEnd)]);
    expect(await desk.expire(name)).to.include({ kind: 'over' });
    expect(await sessionFolder().names()).to.deep.equal([]);
    expect(existsSync(join(folder, 'sessions', `${name}.carried`))).to.equal(false);
  });

  it('lets a session go from a connection to files, and back', async () => {
    const { desk } = openDesk();
    const served: Promise<unknown>[] = [];
    const door = await Door.open({
      onChannel: (channel) => served.push(desk.serve(channel).finally(() => channel.close())),
    });
    const connect = () =>
      connectWebSocket(`ws://${host}:${door.port}`, { maxMessage: 1e6, seconds: 5 });
    const messages = join(folder, 'messages');
    const byFiles = (party: 'judge' | 'owner') =>
      new FolderChannel(messages, { party, maxMessage: 1e6 });
    try {
      expect(await judge('t', cutAt(await connect(), 'heard hello'))).to.match(/^peer\./);
      await Promise.all(served);
      expect(await judge('t', byFiles('judge'))).to.equal('session.waiting');
      expect(await desk.serve(byFiles('owner'))).to.include({ kind: 'waiting' });
      expect(existsSync(join(messages, '0003-owner-openings.message'))).to.equal(true);
      const record = await judge('t', await connect());
      expect(verdictOf(record)).to.equal('proved');
      await Promise.all(served);
      const { ledger } = openDesk();
      expect(await ledger.spent()).to.have.length(1);
      expect(await sessionFolder().names()).to.deep.equal([]);
    } finally {
      await door.close();
    }
  });

  it('knows what a session in another process holds', async () => {
    const [first, second] = [openDesk().desk, openDesk().desk];
    const [judgeEnd, ownerEnd] = memoryChannels();
    const cut = cutAt(judgeEnd, 'challenge');
    const [code] = await Promise.all([judge('a', cut), first.serve(ownerEnd)]);
    expect(code).to.equal('peer.closed');
    const ends = memoryChannels();
    const [other] = await Promise.all([judge('b', ends[0]), second.serve(ends[1])]);
    expect(verdictOf(other)).to.equal('proved');
    const again = memoryChannels();
    const [record] = await Promise.all([judge('a', again[0]), first.serve(again[1])]);
    expect(verdictOf(record)).to.equal('proved');
    expect(batchesOf(other).spent).to.deep.equal([batchesOf(record).picked]);
  });

  it('waits for the turn of a session in another process', async () => {
    const slow = (channel: Channel): Channel => ({
      ...channel,
      send: async (bytes) => {
        const isChallenge = decodeOneMessage(bytes).type === 'challenge';
        if (isChallenge) await new Promise((done) => setTimeout(done, 300));
        await channel.send(bytes);
      },
    });
    const records = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const [judgeEnd, ownerEnd] = memoryChannels();
        const { desk } = openDesk();
        const [record] = await Promise.all([judge(name, slow(judgeEnd)), desk.serve(ownerEnd)]);
        return record;
      }),
    );
    const [a, b] = records.map(batchesOf);
    expect([a!.spent.length, b!.spent.length].sort()).to.deep.equal([0, 1]);
  });

  it('keeps the turn for a judge whose line is cut before its challenge, for a while', async () => {
    const { desk } = openDesk();
    const [judgeEnd, ownerEnd] = memoryChannels();
    const ends = memoryChannels();
    const other = judge('b', ends[0]);
    const cut = cutAt(judgeEnd, 'heard hello');
    const serving = desk.serve(ownerEnd);
    const code = await Promise.all([judge('a', cut), serving]).then(([record]) => record);
    const alsoServing = desk.serve(ends[1]);
    expect(code).to.equal('peer.closed');
    await new Promise((done) => setTimeout(done, 200));
    const again = memoryChannels();
    const [record] = await Promise.all([judge('a', again[0]), desk.serve(again[1])]);
    expect(verdictOf(record)).to.equal('proved');
    await alsoServing;
    expect(batchesOf(await other).spent).to.deep.equal([batchesOf(record).picked]);
  });
});
