import { expect } from 'chai';

import { decodeOneMessage } from '../../src/protocol/index.js';
import { cheatingJudge, expectEnding } from '../support/cheat.js';
import { MemoryLedger, sharedClaim } from '../support/claim.js';

/** Attack: the judge asks for a second batch, after the first one or in its place. */
describe('a judge who asks twice', () => {
  it('is at fault when it challenges again after the openings', async () => {
    const ledger = new MemoryLedger();
    let challenge: Uint8Array = new Uint8Array();
    const record = await cheatingJudge(
      sharedClaim(),
      {
        challenge: ({ honest }) => {
          challenge = honest;
          return [honest];
        },
        verdict: ({ sign }) => [
          sign({ type: 'challenge', bytes: decodeOneMessage(challenge).payload }),
        ],
      },
      { owner: { ledger } },
    );
    expectEnding(record, { verdict: 'invalid', cause: 'session.order', fault: 'judge' });
    expect(ledger.spendings).to.have.length(1);
  });

  it('gets one batch opened when it sends another challenge beside the first', async () => {
    const ledger = new MemoryLedger();
    const record = await cheatingJudge(
      sharedClaim(),
      {
        challenge: ({ honest, payload, sign }) => [
          honest,
          sign({ payload: { ...payload, batch: (payload.batch + 1) % 3 } }),
        ],
      },
      { owner: { ledger } },
    );
    expectEnding(record, { verdict: 'inconclusive', cause: 'session.order', fault: 'nobody' });
    expect(ledger.spendings).to.have.length(1);
  });
});
