import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { encodeLedger, FileLedger } from '../../src/prover/index.js';
import { coded } from '../coded.js';
import { cheatingOwner, expectEnding, expectFinding } from '../support/cheat.js';
import { MemoryLedger, seeded, sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: a batch that was opened before, and that a thief may have trained away or trained in, is used again. */
describe('a spent batch offered again', () => {
  const claim = sharedClaim();
  const fresh = { random: seeded('fresh'), ledger: new MemoryLedger() };
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('puts the owner at fault before a judge who knows', async () => {
    const knownSpent = [1];
    const record = await cheatingOwner(claim, {}, { judge: { knownSpent } });
    const ending = { verdict: 'invalid', cause: 'spent.undeclared', fault: 'owner' } as const;
    expectEnding(record, ending, { knownSpent });
  });

  it('is not a matter for a reader who knows of no earlier session', async () => {
    const { transcript } = await cheatingOwner(claim, {}, { judge: { knownSpent: [1] } });
    expectFinding(transcript, {
      verdict: 'inconclusive',
      cause: 'spent.undeclared',
      fault: 'nobody',
    });
  });

  it('is opened once by an owner with two sessions at a time', async () => {
    const path = join(folder, 'ledger');
    await writeFile(path, encodeLedger(claim.commitment.digest, []));
    const ledger = new FileLedger(path, claim.commitment.digest);
    // The same entropy on both sides gives both sessions the same coins, hence the same batch.
    const other = new MemoryLedger();
    await runSession(claim, { owner: { ledger: other } });
    const taken = { ...other.spendings[0]!, session: '01'.repeat(32) };
    ledger.spent = () => Promise.resolve([]);
    await ledger.spend(taken);
    const { judge } = await runSession(claim, { owner: { ledger } });
    expectEnding(judge, { verdict: 'not-proved', cause: 'ledger.spent', fault: 'nobody' });
  });

  it('is not opened to a second challenge of the same session, even after a restart', async () => {
    const path = join(folder, 'restarted');
    const { digest } = claim.commitment;
    await writeFile(path, encodeLedger(digest, []));
    const memory = new MemoryLedger();
    await runSession(claim, { owner: { ...fresh, ledger: memory } });
    const [spending] = memory.spendings;
    await new FileLedger(path, digest).spend(spending!);
    await new FileLedger(path, digest).spend(spending!);
    await coded('ledger.second-challenge', () =>
      new FileLedger(path, digest).spend({
        ...spending!,
        batch: (spending!.batch + 1) % 3,
        challenge: '02'.repeat(32),
      }),
    );
    expect(await new FileLedger(path, digest).spent()).to.have.length(1);
  });
});
