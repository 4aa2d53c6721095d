import { expect } from 'chai';

import { decodeTranscript, type Openings, type SessionRecord } from '../../src/protocol/index.js';
import { Offers } from '../../src/prover/index.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { sharedClaim, testPolicy } from '../support/claim.js';
import { expectEnding } from '../support/cheat.js';
import { hiddenSetting, openingKey, policyWith, simulatedProver } from '../support/hidden.js';
import { runSession } from '../support/session.js';
import { Shake } from '../twin/bytes.js';

const proved = { verdict: 'proved', cause: '', fault: 'nobody' } as const;

function payloads(record: SessionRecord) {
  return decodeTranscript(record.transcript).messages.map(
    ({ payload }) => JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>,
  );
}

function hiddenOf(record: SessionRecord): number[] {
  return (payloads(record)[3] as unknown as Openings).hidden.map(({ index }) => index);
}

describe('proofs of pairs that stay hidden', function () {
  this.timeout(30_000);

  it('are part of the verdict, and a stranger verifies them', async () => {
    const { judge, owner } = await runSession(sharedClaim(), hiddenSetting(3));
    expect(hiddenOf(judge)).to.have.length(3);
    const report = expectEnding(judge, proved);
    const others = report.checks.filter(({ status }) => status !== 'passed');
    // No query log was kept.
    expect(others.every(({ name }) => name.startsWith('queries.'))).to.equal(true);
    expectEnding(owner, proved);
  });

  it('are of all hidden pairs of the other batches where the policy says all', async () => {
    const { judge } = await runSession(sharedClaim(), hiddenSetting('all'));
    const { batches } = sharedClaim().commitment.order;
    const batch = (payloads(judge)[2] as { batch: number }).batch;
    const others = batches.filter((_, i) => i !== batch).flat();
    expect(hiddenOf(judge)).to.deep.equal(others.sort((a, b) => a - b));
    expectEnding(judge, proved);
  });

  it('are of the pairs that both parties’ coins pick', async () => {
    const { judge } = await runSession(sharedClaim(), hiddenSetting(5));
    if (judge.session.phase !== 'closed') expect.fail(judge.session.phase);
    const { id, challenge, ownerHello } = judge.session;
    const batches = sharedClaim().commitment.order.batches;
    const others = batches.filter((_, i) => i !== challenge.batch).flat();
    others.sort((a, b) => a - b);
    // docs/spec/session.md, written anew.
    const coins = [challenge.coins, ownerHello.coins].map((hex) => Buffer.from(hex, 'hex'));
    const stream = new Shake('veilmark/hidden-sample/1', [Buffer.from(id), ...coins]);
    const order = others.map((_, i) => i);
    for (let last = order.length - 1; last > 0; last--) {
      const other = stream.below(last + 1);
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    const picked = order.slice(0, 5).map((place) => others[place]!);
    expect(hiddenOf(judge)).to.deep.equal(picked.sort((a, b) => a - b));
  });

  it('are of pairs in spent batches too: receipts could be the owner’s own', async () => {
    const claim = sharedClaim();
    const first = await runSession(claim);
    if (first.judge.session.phase !== 'closed') expect.fail();
    const { id, challenge, judgeHello } = first.judge.session;
    const spending = {
      batch: challenge.batch,
      judge: judgeHello.judge,
      receipt: challenge.receipt,
      session: Buffer.from(id).toString('hex'),
    };
    const ledger = {
      spent: () => Promise.resolve([spending]),
      spend: () => Promise.resolve(),
      offers: new Offers(),
    };
    const { judge: settings, owner } = hiddenSetting('all');
    const { judge } = await runSession(claim, { judge: settings, owner: { ...owner, ledger } });
    expectEnding(judge, proved);
    const spent = claim.commitment.order.batches[challenge.batch]!;
    expect(hiddenOf(judge))
      .to.have.length(80)
      .and.include.members([...spent]);
  });

  it('under a development key are refused unless it is allowed, by judge and reader alike', async () => {
    const key = openingKey({ stamp: 'dev' });
    const judge = { policy: policyWith(2, key), openingKey: key.bytes };
    const owner = { hiddenProver: simulatedProver(key) };
    const refused = await runSession(sharedClaim(), { judge, owner }).catch(
      (error: unknown) => error,
    );
    expect(refused).to.have.property('code', 'key.dev');
    const allowed = await runSession(sharedClaim(), {
      judge: { ...judge, allowDevKeys: true },
      owner,
    });
    expectEnding(allowed.judge, proved, { allowDevKeys: true });
    const opened = sharedClaim().commitment;
    const report = verifyTranscript(allowed.judge.transcript, { opened, policy: testPolicy });
    expect(report.outcome).to.include({ verdict: 'invalid', cause: 'key.dev' });
  });

  it('are missed by a reader whose policy asks for more of them, or for another key', async () => {
    const { judge } = await runSession(sharedClaim(), hiddenSetting(3));
    const opened = sharedClaim().commitment;
    const weak = { verdict: 'inconclusive', cause: 'policy.weak' };
    const other = openingKey({ r1cs: new Uint8Array(64).fill(1) });
    for (const policy of [policyWith(4), policyWith('all'), policyWith(3, other)]) {
      const { outcome } = verifyTranscript(judge.transcript, { opened, policy });
      expect(outcome).to.include(weak);
    }
    const { outcome } = verifyTranscript(judge.transcript, { opened, policy: policyWith(3) });
    expect(outcome).to.include(proved);
    const without = await runSession(sharedClaim());
    const found = verifyTranscript(without.judge.transcript, { opened, policy: policyWith(1) });
    expect(found.outcome).to.include(weak);
  });
});
