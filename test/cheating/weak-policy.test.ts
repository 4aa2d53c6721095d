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

/** Attack: a judge asks for more than anybody would, so that an honest claim is lost for good. */
describe('a policy that is too strict', () => {
  it('loses the claim before that judge, and to nobody else', async () => {
    const suspect = markedSuspect(sharedClaim(), (label, place) => ({
      label: place < 38 ? label : (label + 1) % 10,
    }));
    const policy = { ...testPolicy, alphaBits: 65 };
    const { judge } = await runSession(sharedClaim(), { judge: { suspect, policy } });
    expect(judge.outcome).to.include({ verdict: 'not-proved', cause: '' });
    expect(judge.outcome.decision).to.include({ matched: 38, threshold: 40 });
    const read = (own: typeof policy) =>
      verifyTranscript(judge.transcript, { policy: own }).outcome;
    expect(read(policy)).to.deep.equal(judge.outcome);
    expect(read(testPolicy)).to.include({ verdict: 'inconclusive', cause: 'policy.strict' });
    expect(read({ ...testPolicy, alphaBits: 64 }).verdict).to.equal('not-proved');
  });
});
