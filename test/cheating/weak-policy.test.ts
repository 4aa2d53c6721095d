import { expect } from 'chai';

import { verifyTranscript } from '../../src/verifier/index.js';
import { markedSuspect, sharedClaim, testPolicy } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: a judge, or an owner who is his own judge, sets a policy under which chance wins. */
describe('a weak policy', () => {
  it('can be won with few matches before that judge, and proves nothing to anyone else', async () => {
    const suspect = markedSuspect(sharedClaim(), (label, place) => ({
      label: place < 10 ? label : (label + 1) % 10,
    }));
    const policy = { ...testPolicy, alphaBits: 1, grindingBits: 0, suspectBits: 0 };
    const { judge } = await runSession(sharedClaim(), { judge: { suspect, policy } });
    expect(judge.outcome).to.include({ verdict: 'proved', cause: '' });
    const byDefault = verifyTranscript(judge.transcript);
    expect(byDefault.outcome).to.include({ verdict: 'inconclusive', cause: 'policy.weak' });
    expect(verifyTranscript(judge.transcript, { policy }).outcome).to.deep.equal(judge.outcome);
  });

  it('without decoys proves nothing to a reader who asks for them', async () => {
    const policy = { ...testPolicy, decoysPerTrigger: 0 };
    const { judge } = await runSession(sharedClaim(), { judge: { policy, decoys: [] } });
    expect(judge.outcome.verdict).to.equal('proved');
    const { outcome } = verifyTranscript(judge.transcript, { policy: testPolicy });
    expect(outcome).to.include({ verdict: 'inconclusive', cause: 'policy.weak' });
  });
});
