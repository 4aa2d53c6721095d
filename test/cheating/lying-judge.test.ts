import type { DecisionJson, Verdict } from '../../src/protocol/index.js';
import { cheatingJudge, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';

/** Attack: the judge counts or computes falsely. What the suspect answered it can lie about; what follows it cannot. */
describe('a judge who lies', () => {
  const wrong: Record<string, Partial<DecisionJson>> = {
    'about the number of matches': { matched: 39 },
    'about the number of questions': { challenged: 41 },
    'about the chance': { pValue: ['1', '2'] },
    'about T': { threshold: 41 },
    'about the paper’s rule': { paperRule: false },
    'about the verdict': { verdict: 'not-proved' },
    'about a cause': { cause: 'suspect.decoys', verdict: 'inconclusive' },
  };
  for (const [about, change] of Object.entries(wrong)) {
    it(`is at fault: ${about}`, async () => {
      const record = await cheatingJudge(sharedClaim(), {
        verdict: ({ payload, sign }) => [
          sign({ payload: { ...payload, decision: { ...payload.decision, ...change } } }),
        ],
      });
      expectEnding(record, { verdict: 'invalid', cause: 'verdict.arithmetic', fault: 'judge' });
    });
  }

  const miscounted: Record<string, (answers: Verdict['answers']) => Verdict['answers']> = {
    'one answer too few': (answers) => answers.slice(1),
    'one answer too many': (answers) => [...answers, { label: 0 }],
    'an answer that is no class': (answers) => [{ label: 10 }, ...answers.slice(1)],
  };
  for (const [what, change] of Object.entries(miscounted)) {
    it(`is at fault: ${what}`, async () => {
      const record = await cheatingJudge(sharedClaim(), {
        verdict: ({ payload, sign }) => [
          sign({ payload: { ...payload, answers: change(payload.answers) } }),
        ],
      });
      expectEnding(record, { verdict: 'invalid', cause: 'verdict.answers', fault: 'judge' });
    });
  }
});
