import { cheatingOwner, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';

/** Attack: the owner calls a perfectly sound challenge false, as if he had never accepted it, and blames the judge. */
describe('an owner who refuses a sound challenge', () => {
  const blame = {
    code: 'challenge.batch',
    fault: 'judge',
    message: 'the coins say otherwise',
    refused: '',
  } as const;

  for (const [how, seq] of [
    ['in the place of the challenge', 2],
    ['after the challenge', 3],
  ] as const) {
    it(`${how}, has not proved anything`, async () => {
      const record = await cheatingOwner(sharedClaim(), {
        openings: ({ sign }) => [sign({ type: 'abort', seq, payload: blame })],
      });
      expectEnding(record, { verdict: 'not-proved', cause: 'challenge.batch', fault: 'nobody' });
    });
  }

  it('cannot undo a verdict by refusing it', async () => {
    const record = await cheatingOwner(sharedClaim(), {
      acknowledgement: ({ sign }) => [sign({ type: 'abort', seq: 4, payload: blame })],
    });
    expectEnding(record, { verdict: 'proved', cause: '', fault: 'nobody' });
  });
});
