import { generateKeyPair } from '../../src/crypto/index.js';
import { cheatingJudge, cheatingOwner, type Ending, expectEnding } from '../support/cheat.js';
import { seeded, sharedClaim } from '../support/claim.js';
import type { Cheat } from '../support/puppet.js';

/** Attack: somebody between the parties, or beside them, signs a party's message anew. */
describe('a message signed by a stranger', () => {
  const { secretKey } = generateKeyPair(seeded('stranger'));
  const resign: Cheat<unknown> = ({ sign }) => [sign({ secretKey })];
  const inconclusive: Ending = {
    verdict: 'inconclusive',
    cause: 'message.signature',
    fault: 'nobody',
  };

  for (const type of ['hello', 'challenge', 'verdict'] as const) {
    it(`is refused as the judge’s ${type}`, async () => {
      expectEnding(await cheatingJudge(sharedClaim(), { [type]: resign }), inconclusive);
    });
  }

  it('is refused as the owner’s hello', async () => {
    expectEnding(await cheatingOwner(sharedClaim(), { hello: resign }), inconclusive);
  });

  it('does not answer the challenge in the owner’s place', async () => {
    const record = await cheatingOwner(sharedClaim(), { openings: resign });
    expectEnding(record, { ...inconclusive, verdict: 'not-proved' });
  });
});
