import { expect } from 'chai';
import fc from 'fast-check';

import { bytesToHex, VeilmarkError } from '../../src/base/index.js';
import { archivedJournal } from '../../src/journal/index.js';
import {
  type Channel,
  decodeOneMessage,
  type Journal,
  type Party,
  type SessionRecord,
} from '../../src/protocol/index.js';
import { challengedBatch, Offers, runOwner } from '../../src/prover/index.js';
import { memoryChannels, silentChannel } from '../../src/transport/index.js';
import { runJudge, verifyTranscript } from '../../src/verifier/index.js';
import { makeClaim, MemoryLedger, seeded, testPolicy } from '../support/claim.js';
import {
  type Fault,
  faultyChannel,
  JournalDisk,
  type Kill,
  Killed,
  mortalChannel,
  Process,
} from '../support/mortal.js';
import { judgeOptions, ownerOptions } from '../support/session.js';

const claim = makeClaim('sessions that are killed', { hidden: 8, audited: 2, batchSize: 4 });
const bits = { alphaBits: 1, grindingBits: 1, suspectBits: 0 };
const policy = { ...testPolicy, ...bits };

/** Two parties, their disks, and all that was ever sent between them. */
class World {
  readonly sent = new Map<string, Set<string>>();
  readonly ledger = new MemoryLedger();
  readonly records = new Map<Party, SessionRecord>();
  readonly #disks = new Map<Party, JournalDisk>();
  connections = 0;
  #clock = Date.UTC(2026, 0, 2);

  constructor() {
    for (const role of ['judge', 'owner'] as const) {
      const { digest: commitment } = claim.commitment;
      this.#disks.set(role, new JournalDisk({ role, commitment, secret: seeded(role)(32) }));
    }
  }

  /** Both processes are started, and whichever dies is started again with the same command, until both are done. */
  async run(
    kills: Partial<Record<Party, readonly Kill[]>> = {},
    faults: Partial<Record<Party, readonly Fault[]>> = {},
  ): Promise<Process[]> {
    const left = { judge: [...(kills.judge ?? [])], owner: [...(kills.owner ?? [])] };
    const first: Process[] = [];
    while (!this.records.has('judge')) {
      expect(++this.connections, 'the session does not end').to.be.below(8);
      const judge = new Process(left.judge.shift());
      const owner = new Process(left.owner.shift());
      first.push(judge, owner);
      const ends = memoryChannels();
      // The first line is bad, the next is a good one.
      const isBad = this.connections === 1;
      const judgeEnd = isBad ? faultyChannel(ends[0], faults.judge ?? []) : ends[0];
      const ownerEnd = isBad ? faultyChannel(ends[1], faults.owner ?? []) : ends[1];
      await Promise.all([
        this.#live('judge', judge, judgeEnd, (channel) => this.judge(judge, channel)),
        this.#live('owner', owner, ownerEnd, (channel) => this.owner(owner, channel)),
      ]);
    }
    // The judge has its verdict; an owner who died at his last message finds out when he is started again.
    const owner = new Process();
    const [hello] = this.#disks.get('owner')!.open(owner).records;
    if (!this.records.has('owner') && hello) {
      const channel = silentChannel(hello.message);
      await this.#live('owner', owner, channel, (end) => this.owner(owner, end));
    }
    return first;
  }

  judge(process: Process, channel: Channel): Promise<SessionRecord> {
    return runJudge({
      ...judgeOptions(claim, channel),
      ...{ policy, random: noRandom, now: () => new Date((this.#clock += 1000)) },
      journal: this.#disks.get('judge')!.open(process),
    });
  }

  /** What the disk of a party holds of its session. */
  journal(party: Party): Journal {
    return this.#disks.get(party)!.open(new Process());
  }

  owner(process: Process, channel: Channel, offers = new Offers()): Promise<SessionRecord> {
    const ledger = new MemoryLedger(offers);
    ledger.spent = () => this.ledger.spent();
    ledger.spend = (spending) => process.write(() => this.ledger.spend(spending));
    const ended = this.records.get('owner');
    return runOwner({
      ...ownerOptions(claim, channel),
      ...{ ledger, random: noRandom },
      journalOf: () =>
        Promise.resolve(
          ended
            ? archivedJournal(ended.transcript, 'owner')
            : this.#disks.get('owner')!.open(process),
        ),
    });
  }

  async #live(
    party: Party,
    process: Process,
    end: Channel,
    run: (channel: Channel) => Promise<SessionRecord>,
  ): Promise<void> {
    const channel = mortalChannel(end, process, (bytes) => {
      this.#note(bytes);
    });
    try {
      const record = await run(channel);
      const { session } = record;
      const reached = session.phase === 'aborted' ? session.before : session;
      // An owner who has not said hello has no session to remember.
      const isOne = party === 'judge' || 'ownerHello' in reached;
      if (!process.isDead && isOne) this.records.set(party, record);
    } catch (error) {
      const code = error instanceof VeilmarkError ? error.code : '';
      // An owner to whom nobody said hello has nothing to end.
      const isGone = code === 'peer.closed' || (party === 'owner' && code === 'peer.silent');
      if (!(error instanceof Killed) && !isGone) throw error;
    } finally {
      await end.close();
    }
  }

  #note(bytes: Uint8Array): void {
    const { from, seq, type } = decodeOneMessage(bytes);
    const place = `${from} ${seq}`;
    const said = this.sent.get(place) ?? new Set();
    this.sent.set(place, said.add(bytesToHex(bytes)));
    if (type !== 'openings') return;
    expect(this.ledger.spendings, 'openings left before their batch was spent').to.have.length(1);
  }
}

/** With a journal all randomness comes from its secret. */
const noRandom = (): never => expect.fail('randomness beside the journal');

/** Both sides hold the same closed session, nobody ever said two things at one place, and one batch is spent. */
function expectWhole(world: World): void {
  const [judge, owner] = [world.records.get('judge')!, world.records.get('owner')!];
  expect(judge.session.phase).to.equal('closed');
  expect(judge.outcome.verdict).to.equal('proved');
  expect(bytesToHex(owner.transcript)).to.equal(bytesToHex(judge.transcript));
  expect([...world.sent.keys()].sort()).to.deep.equal(
    ['judge 0', 'owner 1', 'judge 2', 'owner 3', 'judge 4', 'owner 5'].sort(),
  );
  for (const [place, said] of world.sent) expect(said.size, place).to.equal(1);
  expect(world.ledger.spendings).to.have.length(1);
}

describe('sessions that are killed and go on', function () {
  this.timeout(60_000);
  const hows = ['before', 'torn', 'after'] as const;
  let writes: Record<Party, number>;

  before(async () => {
    const world = new World();
    const [judge, owner] = await world.run();
    expectWhole(world);
    writes = { judge: judge!.writes, owner: owner!.writes };
    expect(writes).to.deep.equal({ judge: 9, owner: 10 });
  });

  it('keep the batch of a challenge from others, as long as its openings are not kept', async () => {
    const world = new World();
    await world.run();
    const { records } = world.journal('owner');
    const [spent] = world.ledger.spendings;
    const found = records.map((_, i) => challengedBatch(records.slice(0, i + 1), claim.commitment));
    expect(found.map((entry) => entry?.batch)).to.deep.equal([
      ...[undefined, undefined, spent!.batch],
      ...records.slice(3).map(() => undefined),
    ]);
    expect(spent).to.include(found[2]);
  });

  it('keep it while they wait in a process whose line was cut', async () => {
    const world = new World();
    const offers = new Offers();
    const [judgeEnd, ownerEnd] = memoryChannels();
    const hangsUp: Channel = {
      ...judgeEnd,
      send: async (bytes) => {
        await judgeEnd.send(bytes);
        if (decodeOneMessage(bytes).type === 'challenge') await judgeEnd.close();
      },
    };
    const [judge, owner] = await Promise.allSettled([
      world.judge(new Process(), hangsUp),
      world.owner(new Process(), ownerEnd, offers),
    ]);
    expect(judge).to.have.nested.property('reason.code', 'peer.closed');
    expect(owner).to.have.nested.property('reason.code', 'peer.closed');
    expect(offers.held).to.have.length(1);
    expect(world.ledger.spendings).to.have.length(0);
    const ends = memoryChannels();
    const records = await Promise.all([
      world.judge(new Process(), ends[0]),
      world.owner(new Process(), ends[1], offers),
    ]);
    for (const { outcome } of records) expect(outcome.verdict).to.equal('proved');
    expect(offers.held).to.have.length(0);
  });

  for (const party of ['judge', 'owner'] as const) {
    it(`end alike wherever the ${party} is killed`, async () => {
      for (let write = 0; write < writes[party]; write++) {
        for (const how of hows) {
          const world = new World();
          await world.run({ [party]: [{ write, how }] });
          expectWhole(world);
          expect(
            verifyTranscript(world.records.get('judge')!.transcript, {
              opened: claim.commitment,
              policy,
            }).outcome.verdict,
          ).to.equal('proved');
        }
      }
    });
  }

  it('end alike when both are killed, again and again', async () => {
    const kill = fc.record({ write: fc.nat(9), how: fc.constantFrom(...hows) });
    const kills = fc.array(kill, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.record({ judge: kills, owner: kills }), async (plan) => {
        const world = new World();
        await world.run(plan);
        expectWhole(world);
      }),
      { numRuns: 25 },
    );
  });

  // Who is told a different end by a bad line has a signed abort that says whose fault it seemed.
  it('end over a bad line with one verdict, or with a signed abort on either side', async () => {
    const fault = fc.constantFrom('none', 'none', 'drop', 'duplicate', 'truncate', 'delay');
    const faults = fc.array(fault, { maxLength: 5 });
    const kill = fc.record({ write: fc.nat(9), how: fc.constantFrom(...hows) });
    const plan = fc.record({ judge: faults, owner: faults, kill });
    let aborts = 0;
    await fc.assert(
      fc.asyncProperty(plan, async ({ judge, owner, kill: killed }) => {
        const world = new World();
        await world.run({ judge: [killed] }, { judge, owner });
        const records = [...world.records.values()];
        for (const { session, outcome, transcript } of records) {
          expect(session.phase).to.be.oneOf(['closed', 'aborted']);
          if (session.phase === 'aborted') {
            expect(session.abort.code).not.to.equal('');
            expect(session.abort.fault, session.abort.code).to.be.oneOf(['judge', 'owner']);
          }
          const options = { opened: claim.commitment, policy };
          expect(verifyTranscript(transcript, options).outcome).to.deep.equal(outcome);
        }
        const closed = records.filter(({ session }) => session.phase === 'closed');
        expect(new Set(closed.map(({ transcript }) => bytesToHex(transcript))).size).to.be.below(2);
        aborts += records.length - closed.length;
        for (const [place, said] of world.sent) {
          // An abort may stand where the peer never heard the message.
          expect(said.size, place).to.be.below(3);
        }
      }),
      { numRuns: 30 },
    );
    expect(aborts, 'no line was bad enough').to.be.above(0);
  });

  it('duplicated messages end no session', async () => {
    const world = new World();
    const twice = new Array<Fault>(3).fill('duplicate');
    await world.run({}, { judge: twice, owner: twice });
    expect(world.connections).to.equal(1);
    expectWhole(world);
  });
});
