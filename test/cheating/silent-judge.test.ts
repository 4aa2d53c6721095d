import { expect } from 'chai';

import { canonicalBytes, hexBytes } from '../../src/base/index.js';
import {
  encodeMessage,
  firstHead,
  signMessage,
  signReceipt,
  type SessionRecord,
  type SpentBatch,
} from '../../src/protocol/index.js';
import { type HiddenProver, runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { judgeHello } from '../../src/verifier/judge.js';
import { expectEnding } from '../support/cheat.js';
import { markedSuspect, MemoryLedger, seeded, sharedClaim } from '../support/claim.js';
import { hiddenSetting } from '../support/hidden.js';
import { judgeKey, judgeOptions, ownerOptions, runSession } from '../support/session.js';

const proved = { verdict: 'proved', cause: '', fault: 'nobody' } as const;

/** Attack: a judge says hello and then nothing, or lets the owner prove for hours, so that other judges wait. */
describe('a silent judge', () => {
  const claim = sharedClaim();

  it('holds the others up for a short deadline, and costs no batch', async () => {
    const ledger = new MemoryLedger();
    const silent = sayHelloOnly(ledger, 0.3);
    const { judge } = await runSession(claim, { owner: { ledger } });
    expectEnding(judge, proved);
    const { outcome } = await silent;
    expect(outcome).to.include({ verdict: 'inconclusive', cause: 'peer.silent' });
    expect(ledger.spendings).to.have.length(1);
  });

  it('that lets the owner prove does not hold others up; its batch is not offered to them', async () => {
    const ledger = new MemoryLedger();
    const { judge: asking, owner: able } = hiddenSetting(2);
    let go: () => void = () => undefined;
    const started = new Promise<() => Promise<unknown>>((tell) => {
      const finish = new Promise<void>((resolve) => (go = resolve));
      const hiddenProver: HiddenProver = {
        ...able.hiddenProver,
        prove: async (...words) => {
          tell(() => slow);
          await finish;
          return able.hiddenProver.prove(...words);
        },
      };
      const owner = { ledger, hiddenProver, random: seeded('slow owner') };
      const slow = runSession(claim, { judge: asking, owner });
    });
    const slow = await started;
    expect(ledger.offers.held).to.have.length(1);
    const [{ batch }] = ledger.offers.held as [SpentBatch];
    const { judge } = await runSession(claim, { owner: { ledger } });
    expectEnding(judge, proved);
    expect(judge.session).to.have.nested.property('ownerHello.spent[0].batch', batch);
    expect(ledger.spendings.map((one) => one.batch))
      .to.have.length(1)
      .and.not.include(batch);
    go();
    const { judge: late } = (await slow()) as { judge: SessionRecord };
    expectEnding(late, proved);
    expect(ledger.offers.held).to.have.length(0);
    expect(ledger.spendings).to.have.length(2);
  });

  it('sessions wait for a batch while others hold all, or are told', async () => {
    const ledger = new MemoryLedger();
    const releases = [0, 1, 2].map((batch) => heldBatch(ledger, batch));
    const policy = { ...judgeOptions(claim, memoryChannels()[0]).policy, deadlineSeconds: 1 };
    const busy = await runSession(claim, { judge: { policy }, owner: { ledger } });
    expectEnding(busy.judge, { verdict: 'inconclusive', cause: 'prove.busy', fault: 'nobody' });
    setTimeout(() => {
      releases[1]!();
    }, 50);
    const { judge } = await runSession(claim, { owner: { ledger } });
    expectEnding(judge, proved);
    expect(ledger.spendings.map(({ batch }) => batch)).to.deep.equal([1]);
  });

  it('three sessions at once open three batches', async () => {
    const ledger = new MemoryLedger();
    const records = await Promise.all(
      [0, 1, 2].map((i) => runSession(claim, { owner: { ledger, random: seeded(`owner ${i}`) } })),
    );
    for (const { judge } of records) {
      expectEnding(judge, proved);
    }
    expect(ledger.spendings.map(({ batch }) => batch).sort()).to.deep.equal([0, 1, 2]);
  });

  /** An owner's session with a judge who stops after its hello. */
  async function sayHelloOnly(ledger: MemoryLedger, patienceSeconds: number) {
    const [judgeEnd, ownerEnd] = memoryChannels();
    const options = judgeOptions(claim, judgeEnd);
    const labelMap = claim.commitment.parameters.classNames.map((_, label) => label);
    const suspect = markedSuspect(claim).descriptor;
    const hello = judgeHello({ ...options, suspect, labelMap, nullModels: [] }, new Uint8Array(32));
    const message = {
      seq: 0,
      from: 'judge',
      type: 'hello',
      payload: canonicalBytes(hello),
    } as const;
    await judgeEnd.send(encodeMessage(signMessage(firstHead, message, judgeKey.secretKey)));
    return runOwner({ ...ownerOptions(claim, ownerEnd), ledger, patienceSeconds });
  }

  /** A batch that a session holds while it proves, with the receipt of its judge. */
  function heldBatch(ledger: MemoryLedger, batch: number): () => void {
    const session = `${batch}`.repeat(64);
    return ledger.offers.hold(receipt(batch, session));
  }

  function receipt(batch: number, session: string): SpentBatch {
    const signature = signReceipt(
      claim.commitment,
      { id: hexBytes(session, 32), batch },
      judgeKey.secretKey,
    );
    return {
      batch,
      judge: Buffer.from(judgeKey.publicKey).toString('hex'),
      receipt: Buffer.from(signature).toString('hex'),
      session,
    };
  }
});
