import { expect } from 'chai';

import { cheatingOwner, type Ending, expectEnding, type OwnerCheats } from '../support/cheat.js';
import { MemoryLedger, seeded, sharedClaim, testPolicy } from '../support/claim.js';
import { runSession } from '../support/session.js';
import type { Cheat } from '../support/puppet.js';

/** Attack: the owner sees which batch he would have to open, and stops. Before the challenge he may; after it he lost. */
describe('an owner who stops', () => {
  const said: Cheat<unknown> = ({ sign }) => [
    sign({
      type: 'abort',
      payload: { code: 'owner.busy', fault: 'judge', message: '', refused: '' },
    }),
  ];
  const silent: Cheat<unknown> = () => [];
  const gone: Cheat<unknown> = async ({ close }) => {
    await close();
    return [];
  };
  const lost = (cause: string): Ending => ({ verdict: 'not-proved', cause, fault: 'nobody' });
  const open = (cause: string): Ending => ({ ...lost(cause), verdict: 'inconclusive' });

  const endings: [string, OwnerCheats, Ending][] = [
    ['after the challenge, with an abort', { openings: said }, lost('owner.busy')],
    ['after the challenge, in silence', { openings: silent }, lost('peer.silent')],
    ['after the challenge, by hanging up', { openings: gone }, lost('peer.closed')],
    ['before the challenge, with an abort', { hello: said }, open('owner.busy')],
    ['before the challenge, in silence', { hello: silent }, open('peer.silent')],
    ['before the challenge, by hanging up', { hello: gone }, open('peer.closed')],
    [
      'before the challenge, right after the hello',
      {
        hello: async ({ honest, send, close }) => {
          await Promise.all([send(honest), close()]);
          return [];
        },
      },
      open('peer.closed'),
    ],
  ];
  const policy = { ...testPolicy, deadlineSeconds: 1 };
  for (const [when, cheats, ending] of endings) {
    it(`${when}, ends ${ending.verdict}`, async () => {
      const record = await cheatingOwner(sharedClaim(), cheats, { judge: { policy } });
      expectEnding(record, ending);
    });
  }

  it('and does not countersign a lost verdict, keeps it', async () => {
    for (const acknowledgement of [said, silent, gone]) {
      const record = await cheatingOwner(sharedClaim(), { acknowledgement }, { judge: { policy } });
      expectEnding(record, { verdict: 'proved', cause: '', fault: 'nobody' });
    }
  });

  it('because his ledger cannot be written has opened nothing', async () => {
    const full = new MemoryLedger();
    full.spend = () => Promise.reject(new Error('no space left on device'));
    const { judge, owner } = await runSession(sharedClaim(), { owner: { ledger: full } });
    expectEnding(judge, lost('owner.failed'));
    expectEnding(owner, lost('owner.failed'));
    expect(new TextDecoder().decode(judge.transcript)).not.to.contain(' owner openings ');
  });

  it('between his ledger and the network does not offer the batch again', async () => {
    const ledger = new MemoryLedger();
    const record = await cheatingOwner(sharedClaim(), { openings: gone }, { owner: { ledger } });
    expectEnding(record, lost('peer.closed'));
    const again = await runSession(sharedClaim(), {
      owner: { ledger, random: seeded('later') },
    });
    expectEnding(again.judge, { verdict: 'proved', cause: '', fault: 'nobody' });
    expect(new Set(ledger.spendings.map(({ batch }) => batch)).size).to.equal(2);
  });
});
