import { expect } from 'chai';

import { commonest } from '../../src/cli/commonest-label.js';
import { testParameters } from '../support/claim.js';

describe('what is said of one-sided labels', () => {
  it('is the most frequent one, with its chance where nobody chose it', () => {
    expect(commonest(testParameters, [3, 1, 3])).to.equal(
      'label 3, 2 of 3 triggers, by derivation with chance at most 2^-1.8',
    );
    expect(commonest({ ...testParameters, labelMode: 'chosen' }, [3, 1, 3])).to.equal(
      'label 3, 2 of 3 triggers',
    );
  });
});
