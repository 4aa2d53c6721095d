import type { DecoyReport } from '../../src/protocol/index.js';
import { coded } from '../coded.js';
import { cheatingJudge, expectEnding } from '../support/cheat.js';
import { sharedClaim, testDecoys } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: the judge asks the triggers alone, so that the suspect can tell which questions matter. */
describe('a judge who asks without decoys', () => {
  it('is stopped by its own program before it says a word', async () => {
    await coded('judge.decoys', () =>
      runSession(sharedClaim(), { judge: { decoys: testDecoys(39) } }),
    );
  });

  const reports: Record<string, Partial<DecoyReport>> = {
    'fewer than the policy asks': { abstract: 39 },
    'more right answers than questions': { ordinary: 1, ordinaryLabelled: 1, ordinaryCorrect: 2 },
    'more known classes than ordinary images': { ordinaryLabelled: 1 },
    'more refusals than decoys': { refused: 41 },
  };
  for (const [what, change] of Object.entries(reports)) {
    it(`is at fault: ${what}`, async () => {
      const record = await cheatingJudge(sharedClaim(), {
        verdict: ({ payload, sign }) => [
          sign({ payload: { ...payload, decoys: { ...payload.decoys, ...change } } }),
        ],
      });
      expectEnding(record, { verdict: 'invalid', cause: 'verdict.decoys', fault: 'judge' });
    });
  }
});
