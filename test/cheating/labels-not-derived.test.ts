import {
  checkAudit,
  type Commitment,
  commitmentDigest,
  encodeCommitment,
  labelCommitment,
  openingToJson,
  openPair,
} from '../../src/commitment/index.js';
import { coded } from '../coded.js';
import {
  cheatingOwner,
  expectEnding,
  expectFinding,
  type OwnerCheats,
  rewrite,
} from '../support/cheat.js';
import { type Claim, markedSuspect, sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: a commitment of one's own making that says "derived" and commits to labels of one's choice. */
describe('an owner whose labels are not the derived ones', () => {
  const judge = { suspect: markedSuspect(sharedClaim()) };

  it('is refused at once when an audited label was chosen', async () => {
    const claim = withChosenLabels(sharedClaim(), ({ order }) => order.audited.slice(-1));
    await coded('opening.label', () => {
      checkAudit(claim.commitment);
    });
  });

  it('has no valid transcript either, whatever a judge signed', async () => {
    const forged = withChosenLabels(sharedClaim(), ({ order }) => order.audited.slice(-1));
    const records = await runSession(forged, { judge });
    expectFinding(records.judge.transcript, {
      verdict: 'invalid',
      cause: 'opening.label',
      fault: 'nobody',
    });
  });

  it('is at fault when only hidden labels were chosen and the batch is opened', async () => {
    const forged = withChosenLabels(sharedClaim(), ({ order }) =>
      order.batches.map((batch) => batch[0] ?? 0),
    );
    // The owner's own program would rather stop than send this.
    const abort: OwnerCheats['abort'] = ({ sign, heard }) => [
      sign({ type: 'openings', payload: openingsOf(forged, challengedBatch(heard)) }),
    ];
    const record = await cheatingOwner(forged, { abort }, { judge });
    expectEnding(record, { verdict: 'invalid', cause: 'opening.label', fault: 'owner' });
  });

  it('cannot put the labels into the openings', async () => {
    const record = await cheatingOwner(sharedClaim(), {
      openings: ({ payload, sign }) => {
        const openings = payload.openings.map((pair) => ({ ...pair, label: 1, s: pair.r }));
        return [sign({ payload: { hidden: [], openings } })];
      },
    });
    expectEnding(record, { verdict: 'invalid', cause: 'opening.mode', fault: 'owner' });
  });

  it('cannot pass an edited transcript off for his commitment', async () => {
    const { judge } = await runSession(sharedClaim());
    const forged = withChosenLabels(sharedClaim(), ({ order }) => order.batches.flat());
    const file = rewrite(judge.transcript, () => ({ commitment: forged.commitment.bytes }));
    expectFinding(file, { verdict: 'invalid', cause: 'hello.commitment', fault: 'nobody' });
  });
});

/** The claim with label 0 committed for some pairs, signed again. The label seed does not cover cL. */
function withChosenLabels(claim: Claim, choose: (commitment: Commitment) => number[]): Claim {
  const { commitment, mark, owner } = claim;
  const chosen = new Set(choose(commitment));
  const labels = commitment.labels.map((cL, i) => (chosen.has(i) ? labelCommitment(0, 1n) : cL));
  const bytes = encodeCommitment({ ...commitment, labels }, owner.secretKey);
  const digest = commitmentDigest(bytes);
  return {
    owner,
    commitment: { ...commitment, labels, bytes, digest },
    mark: { ...mark, commitment: digest },
  };
}

function challengedBatch(challenge: Uint8Array): number {
  return Number(/"batch":(\d+)/.exec(new TextDecoder().decode(challenge))?.[1]);
}

function openingsOf({ commitment, mark }: Claim, batch: number) {
  const indices = commitment.order.batches[batch] ?? [];
  return { hidden: [], openings: indices.map((index) => openingToJson(openPair(mark, index))) };
}
