import { cheatingJudge, cheatingOwner, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';
import type { Cheat } from '../support/puppet.js';

/** Attack: a party sends the other its own message back. */
describe('a reflected message', () => {
  it('is no hello of the owner', async () => {
    const record = await cheatingOwner(sharedClaim(), { hello: ({ heard }) => [heard] });
    expectEnding(record, { verdict: 'inconclusive', cause: 'session.order', fault: 'nobody' });
  });

  it('is no answer to the challenge', async () => {
    const record = await cheatingOwner(sharedClaim(), { openings: ({ heard }) => [heard] });
    expectEnding(record, { verdict: 'not-proved', cause: 'session.order', fault: 'nobody' });
  });

  it('is no challenge and no verdict', async () => {
    const reflect: Cheat<unknown> = ({ heard }) => [heard];
    for (const type of ['challenge', 'verdict'] as const) {
      const record = await cheatingJudge(sharedClaim(), { [type]: reflect });
      expectEnding(record, { verdict: 'inconclusive', cause: 'session.order', fault: 'nobody' });
    }
  });
});
