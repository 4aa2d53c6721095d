import { expect } from 'chai';

import { bytesToHex } from '../../src/base/index.js';
import { batchCount } from '../../src/commitment/index.js';
import { generateKeyPair } from '../../src/crypto/index.js';
import {
  atMostPowerOfTwo,
  chanceOfMatch,
  binomialTail,
  isSignificant,
  signReceipt,
  threshold,
} from '../../src/protocol/index.js';
import { cheatingOwner, expectEnding } from '../support/cheat.js';
import { markedSuspect, seeded, sharedClaim, testPolicy } from '../support/claim.js';

/**
 * Attack: the owner is his own earlier judge and signs receipts, so that the one batch that chance favours is left. This
 * works, and is paid for: the decision charges the number of batches, whoever picked.
 */
describe('an owner with a sock-puppet judge', () => {
  const { commitment } = sharedClaim();
  const { parameters } = commitment;

  for (const favourite of [0, 1, 2]) {
    it(`can steer the coins to batch ${favourite}, and gains nothing below T`, async () => {
      const record = await cheatingOwner(
        sharedClaim(),
        {
          // His own program cannot follow him from here on: its coins pick another batch.
          hello: ({ payload, sign }) => [
            sign({ payload: { ...payload, spent: others(favourite) } }),
          ],
        },
        { judge: { suspect: markedSuspect(sharedClaim(), () => ({ label: 0 })) } },
      );
      const reached = record.session.phase === 'aborted' ? record.session.before : record.session;
      expect('challenge' in reached && reached.challenge.batch).to.equal(favourite);
      expectEnding(record, {
        verdict: 'not-proved',
        cause: 'message.signature',
        fault: 'nobody',
      });
    });
  }

  it('has the best of all batches charged in the threshold', () => {
    const needed = threshold(parameters, testPolicy)!;
    const { alphaBits, grindingBits, suspectBits } = testPolicy;
    const tail = binomialTail({
      trials: parameters.batchSize,
      successes: needed,
      chance: chanceOfMatch(parameters),
    });
    const batches = BigInt(batchCount(parameters));
    expect(atMostPowerOfTwo(tail, batches, alphaBits + grindingBits + suspectBits)).to.equal(true);
    expect(isSignificant(parameters, testPolicy, needed - 1)).to.equal(false);
    const more = { ...parameters, hidden: parameters.batchSize * 2 ** 12 };
    expect(threshold(more, testPolicy)).to.be.greaterThan(needed);
  });

  function others(favourite: number) {
    const puppet = generateKeyPair(seeded('sock puppet'));
    const id = new Uint8Array(32).fill(9);
    return [0, 1, 2]
      .filter((batch) => batch !== favourite)
      .map((batch) => ({
        batch,
        judge: bytesToHex(puppet.publicKey),
        receipt: bytesToHex(signReceipt(commitment, { id, batch }, puppet.secretKey)),
        session: bytesToHex(id),
      }));
  }
});
