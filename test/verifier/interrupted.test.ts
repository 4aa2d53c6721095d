import { expect } from 'chai';

import type { Suspect } from '../../src/protocol/index.js';
import { runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { markedSuspect, MemoryLedger, seeded, sharedClaim } from '../support/claim.js';
import { JournalDisk, Process } from '../support/mortal.js';
import { judgeOptions, ownerOptions } from '../support/session.js';

const claim = sharedClaim();

/** A suspect in whose answers somebody presses Ctrl-C. */
function interrupting(stop: AbortController): Suspect {
  const suspect = markedSuspect(claim);
  return {
    ...suspect,
    classify: (images, signal) => {
      stop.abort();
      return suspect.classify(images, signal);
    },
  };
}

describe('a judge that is interrupted', () => {
  it('loses no batch with a journal: the session goes on', async () => {
    const { digest: commitment } = claim.commitment;
    const disk = (role: 'judge' | 'owner') =>
      new JournalDisk({ role, commitment, secret: seeded(role)(32) });
    const [judgeDisk, ownerDisk] = [disk('judge'), disk('owner')];
    const ledger = new MemoryLedger();
    const run = (suspect: Suspect, signal?: AbortSignal) => {
      const [judgeEnd, ownerEnd] = memoryChannels();
      const judging = runJudge({
        ...{ ...judgeOptions(claim, judgeEnd, suspect), signal },
        journal: judgeDisk.open(new Process()),
      }).finally(() => judgeEnd.close());
      const owning = runOwner({
        ...{ ...ownerOptions(claim, ownerEnd), ledger },
        journalOf: () => Promise.resolve(ownerDisk.open(new Process())),
      });
      return [judging, owning] as const;
    };
    const stop = new AbortController();
    const [stopped, left] = run(interrupting(stop), stop.signal);
    const { hint } = await coded('judge.interrupted', () => stopped);
    expect(hint).to.match(/the session goes on/);
    await coded('peer.closed', () => left);
    const [record] = await Promise.all(run(markedSuspect(claim)));
    expect(record.outcome.verdict).to.equal('proved');
    expect(ledger.spendings).to.have.length(1);
  });

  it('ends the session where nothing keeps it', async () => {
    const stop = new AbortController();
    const [judgeEnd, ownerEnd] = memoryChannels();
    const suspect = interrupting(stop);
    const [record] = await Promise.all([
      runJudge({ ...judgeOptions(claim, judgeEnd, suspect), signal: stop.signal }),
      runOwner(ownerOptions(claim, ownerEnd)),
    ]);
    expect(record.outcome).to.include({ verdict: 'inconclusive', cause: 'judge.interrupted' });
  });
});
