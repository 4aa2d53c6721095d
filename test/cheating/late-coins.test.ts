import { bytesToHex, hexBytes } from '../../src/base/index.js';
import { pickBatch, signReceipt } from '../../src/protocol/index.js';
import {
  cheatingJudge,
  expectEnding,
  expectFinding,
  nextMessage,
  rewrite,
} from '../support/cheat.js';
import { seeded, sharedClaim } from '../support/claim.js';
import { judgeKey, runSession } from '../support/session.js';

/** Attack: a party picks its coins after it has seen the other's. */
describe('coins chosen late', () => {
  it('put the judge at fault, even when everything else fits them', async () => {
    const { commitment } = sharedClaim();
    const record = await cheatingJudge(sharedClaim(), {
      challenge: ({ payload, head, heard, sign }) => {
        const ownerCoins = hexBytes(
          /"coins":"(\w+)"/.exec(new TextDecoder().decode(heard))![1]!,
          32,
        );
        const wanted = (payload.batch + 1) % 3;
        const random = seeded('other coins');
        const unspent = [0, 1, 2];
        let judgeCoins: Uint8Array;
        do judgeCoins = random(32);
        while (pickBatch({ head, judgeCoins, ownerCoins, unspent }) !== wanted);
        const receipt = signReceipt(commitment, { id: head, batch: wanted }, judgeKey.secretKey);
        const coins = bytesToHex(judgeCoins);
        return [sign({ payload: { batch: wanted, coins, receipt: bytesToHex(receipt) } })];
      },
    });
    expectEnding(record, { verdict: 'invalid', cause: 'challenge.coins', fault: 'judge' });
  });

  it('cannot be the owner’s: the judge’s challenge is chained to those he sent', async () => {
    const { owner } = sharedClaim();
    const { judge } = await runSession(sharedClaim());
    const file = rewrite(judge.transcript, ({ messages }) => {
      const [hello, answer, ...others] = messages;
      const payload = JSON.parse(new TextDecoder().decode(answer!.payload)) as object;
      const other = { ...payload, coins: '11'.repeat(32) };
      const said = { from: 'owner', type: 'hello', payload: other } as const;
      return { messages: [hello!, nextMessage([hello!], said, owner.secretKey), ...others] };
    });
    expectFinding(file, { verdict: 'invalid', cause: 'message.signature', fault: 'nobody' });
  });
});
