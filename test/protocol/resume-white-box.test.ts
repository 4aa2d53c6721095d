import { expect } from 'chai';

import { bytesToHex, VeilmarkError } from '../../src/base/index.js';
import { archivedJournal } from '../../src/journal/index.js';
import type { Channel, Party, SessionRecord } from '../../src/protocol/index.js';
import { runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { runWhiteBoxJudge } from '../../src/verifier/index.js';
import { seeded } from '../support/claim.js';
import { JournalDisk, type Kill, Killed, mortalChannel, Process } from '../support/mortal.js';
import { simulatedJudge, simulatedOwner, SimulatedProver } from '../support/simulated-white-box.js';
import { memorisingNetwork, MemoryWhiteBoxLedger, whiteBoxClaim } from '../support/white-box.js';

const claim = whiteBoxClaim();
const network = memorisingNetwork(claim, 3);
const noRandom = (): never => expect.fail('randomness beside the journal');

/** A session in which each party's first process may be killed, to its end on both sides. */
async function killed(kills: Partial<Record<Party, Kill>>) {
  const { digest: commitment } = claim.commitment;
  const disk = (role: Party): JournalDisk =>
    new JournalDisk({ role, commitment, secret: seeded(role)(32) });
  const disks = { judge: disk('judge'), owner: disk('owner') };
  const ledger = new MemoryWhiteBoxLedger([network]);
  const prover = new SimulatedProver();
  const records: Partial<Record<Party, SessionRecord>> = {};
  const writes = { judge: 0, owner: 0 };
  const live = async (
    party: Party,
    end: Channel,
    kill: Kill | undefined,
    run: (process: Process, channel: Channel) => Promise<SessionRecord>,
  ): Promise<void> => {
    const process = new Process(kill);
    try {
      const record = await run(
        process,
        mortalChannel(end, process, () => undefined),
      );
      if (!process.isDead) records[party] = record;
    } catch (error) {
      const isGone = error instanceof VeilmarkError && error.code === 'peer.closed';
      if (!(error instanceof Killed) && !isGone) throw error;
    } finally {
      await end.close();
      writes[party] = Math.max(writes[party], process.writes);
    }
  };
  for (let round = 0; !records.judge; round++) {
    expect(round, 'the session does not end').to.be.below(5);
    const [judgeEnd, ownerEnd] = memoryChannels();
    await Promise.all([
      live('judge', judgeEnd, round === 0 ? kills.judge : undefined, (process, channel) =>
        runWhiteBoxJudge({
          ...simulatedJudge(claim, network),
          ...{ channel, random: noRandom, journal: disks.judge.open(process) },
        }),
      ),
      live('owner', ownerEnd, round === 0 ? kills.owner : undefined, (process, channel) =>
        runOwner({
          ...simulatedOwner(claim, network),
          ...{ channel, random: noRandom, whiteBoxLedger: ledger, whiteBoxProver: prover },
          journalOf: () =>
            Promise.resolve(
              records.owner
                ? archivedJournal(records.owner.transcript, 'owner')
                : disks.owner.open(process),
            ),
        }),
      ),
    ]);
  }
  return { ...records, writes, prover, ledger };
}

describe('white box sessions that are killed and go on', function () {
  this.timeout(60_000);

  it('end alike, with one point, and no proof made twice', async () => {
    const { writes } = await killed({});
    expect(writes).to.deep.equal({ judge: 12, owner: 12 });
    // Of the journal and of the line, before and after the point.
    const places = { judge: [3, 6, 7, 10], owner: [2, 4, 6, 8] };
    for (const party of ['judge', 'owner'] as const) {
      for (const write of places[party]) {
        const { judge, owner, prover, ledger } = await killed({ [party]: { write, how: 'after' } });
        expect(judge!.session.phase).to.equal('settled');
        expect(judge!.outcome.verdict).to.equal('proved');
        if (owner) expect(bytesToHex(owner.transcript)).to.equal(bytesToHex(judge!.transcript));
        expect(ledger.points.size).to.equal(1);
        expect(new Set(prover.made).size).to.equal(prover.made.length).and.equal(13);
      }
    }
  });
});
