import { expect } from 'chai';

import { runSession } from '../support/session.js';
import { generateKeyPair } from '../../src/crypto/index.js';
import { expectEnding } from '../support/cheat.js';
import { MemoryLedger, seeded, sharedClaim } from '../support/claim.js';

/** Attack: anyone calls himself a judge and has batches opened until none is left. */
describe('a judge whom the owner does not know', () => {
  it('gets nothing opened', async () => {
    const allowedJudges = [generateKeyPair(seeded('the court')).publicKey];
    const ledger = new MemoryLedger();
    const { owner } = await runSession(sharedClaim(), { owner: { allowedJudges, ledger } });
    expectEnding(owner, { verdict: 'inconclusive', cause: 'prove.judge', fault: 'nobody' });
    expect(ledger.spendings).to.deep.equal([]);
  });
});
