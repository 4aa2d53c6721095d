import { bytesToHex } from '../../src/base/index.js';
import { signReceipt } from '../../src/protocol/index.js';
import { cheatingJudge, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';
import { judgeKey } from '../support/session.js';

/** Attack: the judge challenges another batch than the coins pick, or keeps its receipt back. */
describe('a judge who picks the batch', () => {
  const { commitment } = sharedClaim();

  for (const step of [1, 2, 3]) {
    it(`is at fault when it is ${step} further than the coins say`, async () => {
      const record = await cheatingJudge(sharedClaim(), {
        challenge: ({ payload, head, sign }) => {
          const batch = payload.batch + step;
          const receipt = signReceipt(commitment, { id: head, batch }, judgeKey.secretKey);
          return [sign({ payload: { ...payload, batch, receipt: bytesToHex(receipt) } })];
        },
      });
      expectEnding(record, { verdict: 'invalid', cause: 'challenge.batch', fault: 'judge' });
    });
  }

  it('is at fault when its receipt is for another batch', async () => {
    const record = await cheatingJudge(sharedClaim(), {
      challenge: ({ payload, head, sign }) => {
        const other = { id: head, batch: payload.batch + 1 };
        const receipt = signReceipt(commitment, other, judgeKey.secretKey);
        return [sign({ payload: { ...payload, receipt: bytesToHex(receipt) } })];
      },
    });
    expectEnding(record, { verdict: 'invalid', cause: 'challenge.receipt', fault: 'judge' });
  });
});
