import { expect } from 'chai';

import { askingOptions } from '../../src/cli/query-log.js';
import { sessionRandom } from '../../src/crypto/index.js';
import { defaultPolicy, memoryQueryLog } from '../../src/protocol/index.js';
import { testParameters } from '../support/claim.js';

describe('the options of asking', () => {
  it('hide a secret of one session alike in every process, so that a question is known again', () => {
    const saltOf = (secret: number): unknown =>
      askingOptions(memoryQueryLog(), defaultPolicy, {
        parameters: testParameters,
        random: sessionRandom(new Uint8Array(32).fill(secret)),
      }).salt;
    expect(saltOf(1)).to.deep.equal(saltOf(1));
    expect(saltOf(1)).to.not.deep.equal(saltOf(2));
  });
});
