import { expect } from 'chai';

import { expectEnding } from '../support/cheat.js';
import { makeClaim, markedSuspect } from '../support/claim.js';
import { runSession } from '../support/session.js';

/**
 * Attack: labels picked to fit a model that is not the owner's (false claims by adversarial examples). Chosen labels
 * prove nothing without a receipt and null models, so that even 40 of 40 matches leave the question open.
 */
describe('a commitment to chosen labels', () => {
  const claim = makeClaim('chosen', { labelMode: 'chosen' });

  it('is at most inconclusive', async () => {
    const { judge } = await runSession(claim);
    expect(judge.outcome.decision?.matched).to.equal(40);
    expectEnding(judge, { verdict: 'inconclusive', cause: 'nulls.too-few', fault: 'nobody' });
  });

  it('can still lose', async () => {
    const suspect = markedSuspect(claim, (label) => ({ label: (label + 1) % 10 }));
    const { judge } = await runSession(claim, { judge: { suspect } });
    expectEnding(judge, { verdict: 'not-proved', cause: '', fault: 'nobody' });
  });
});
