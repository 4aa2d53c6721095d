import { expect } from 'chai';

import { createCommitment } from '../../src/commitment/index.js';
import { commonestLabel } from '../../src/protocol/index.js';
import { expectEnding } from '../support/cheat.js';
import { markedSuspect, noiseImages, sharedClaim, testParameters } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: one image, whose answer the owner knows, committed over and over. */
describe('a commitment to one image many times', () => {
  it('gets as many independent labels, so that one answer matches by chance only', async () => {
    const { owner, mark } = sharedClaim();
    const [picture] = noiseImages('once', 1, testParameters.shape);
    const source = { ...mark, images: mark.images.map(() => picture!) };
    const claim = { owner, ...createCommitment({ parameters: testParameters, source, owner }) };
    const suspect = markedSuspect(claim, () => ({ label: 4 }));
    const { judge } = await runSession(claim, { judge: { suspect } });
    expectEnding(
      judge,
      { verdict: 'not-proved', cause: '', fault: 'nobody' },
      { opened: claim.commitment },
    );
    const { session } = judge;
    if (!('labels' in session)) return expect.fail();
    expect(commonestLabel(claim.commitment.parameters, session.labels).count).to.be.lessThan(15);
  });
});
