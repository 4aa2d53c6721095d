import { expect } from 'chai';

import { log2, pValueOf } from '../../src/protocol/index.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { markedSuspect, sharedClaim, testPolicy } from '../support/claim.js';
import { runSession } from '../support/session.js';

describe('a black box session', () => {
  it('proves a marked model, and both sides hold the same transcript', async () => {
    const claim = sharedClaim();
    const { judge, owner } = await runSession(claim);
    expect(judge.outcome).to.include({ verdict: 'proved', cause: '', fault: 'nobody' });
    expect(judge.outcome.decision).to.include({ matched: 40, challenged: 40, threshold: 36 });
    expect(log2(pValueOf(judge.outcome.decision!))).to.be.closeTo(-132.88, 0.01);
    expect(judge.session.phase).to.equal('closed');
    expect(judge.session.head).to.deep.equal(owner.session.head);
    expect(judge.transcript).to.deep.equal(owner.transcript);
    const report = verifyTranscript(judge.transcript, { policy: testPolicy });
    const others = report.checks.filter(({ status }) => status !== 'passed');
    // No query log was kept.
    expect(others.map(({ name, status }) => [name, status])).to.deep.equal([
      ['queries.chain', 'not-run'],
      ['queries.questions', 'not-run'],
      ['queries.answers', 'not-run'],
    ]);
    expect(report.outcome).to.deep.equal(judge.outcome);
  });

  for (const [hits, verdict] of [
    [36, 'proved'],
    [35, 'not-proved'],
  ] as const) {
    it(`ends ${verdict} with ${hits} of 40 matches`, async () => {
      const claim = sharedClaim();
      const suspect = markedSuspect(claim, (label, place) => ({
        label: place < hits ? label : (label + 1) % 10,
      }));
      const { judge } = await runSession(claim, { judge: { suspect } });
      expect(judge.outcome.verdict).to.equal(verdict);
      expect(judge.outcome.decision?.matched).to.equal(hits);
      expect(verifyTranscript(judge.transcript, { policy: testPolicy }).outcome).to.deep.equal(
        judge.outcome,
      );
    });
  }
});
