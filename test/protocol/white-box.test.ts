import { expect } from 'chai';

import { verifyTranscript } from '../../src/verifier/index.js';
import {
  memorisingNetwork,
  runWhiteBox,
  smallPolicy,
  whiteBoxClaim,
} from '../support/white-box.js';

describe('a white box session', function () {
  this.timeout(180_000);
  const claim = whiteBoxClaim();

  for (const [matches, verdict] of [
    [3, 'proved'],
    [2, 'proved'],
    [1, 'not-proved'],
  ] as const) {
    it(`over a network with ${matches} matches in a batch ends ${verdict}`, async () => {
      const network = memorisingNetwork(claim, matches);
      const { judge, owner } = await runWhiteBox(claim, network);
      for (const record of [judge, owner]) {
        expect(record.outcome).to.include({ verdict, cause: '', fault: 'nobody' });
        expect(record.outcome.whiteBox).to.include({ batch: 3, threshold: 2 });
        const report = verifyTranscript(record.transcript, {
          opened: claim.commitment,
          policy: smallPolicy,
          network,
          allowDevKeys: true,
        });
        expect(report.outcome).to.deep.equal(record.outcome);
        const open = report.checks.filter(({ status }) => status !== 'passed');
        const expected =
          verdict === 'proved'
            ? []
            : [
                'proofs.layout',
                'proofs.zero',
                'proofs.neurons',
                'proofs.folds',
                'proofs.classification',
                'proofs.threshold',
              ];
        expect(open.map(({ name }) => name)).to.deep.equal(expected);
      }
      expect(owner.transcript).to.deep.equal(judge.transcript);
    });
  }

  it('over a network of more blocks than four folds their sums', async () => {
    const network = memorisingNetwork(claim, 3, 20);
    const { judge } = await runWhiteBox(claim, network);
    expect(judge.outcome).to.include({ verdict: 'proved', cause: '' });
  });
});
