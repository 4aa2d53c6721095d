import { expect } from 'chai';

import { openLabel, openPair } from '../../src/commitment/index.js';
import { askPanel, isDoubtful, type PanelRow } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { sharedClaim } from '../support/claim.js';
import { nullModels } from '../support/null-models.js';

const opening = openPair(sharedClaim().mark, 0);

describe('a panel', () => {
  it('votes on every opened pair, model by model', async () => {
    const { commitment } = sharedClaim();
    const pairs = commitment.audit.map((one) => ({
      opening: one,
      label: openLabel(commitment, one),
    }));
    const models = nullModels(4, (_, model) => [3, 3, 5, 11][model]!);
    const done: number[] = [];
    const onProgress = (count: number) => done.push(count);
    const rows = await askPanel(models, pairs, { classes: 10, onProgress });
    expect(done).to.deep.equal([1, 2, 3, 4]);
    expect(rows).to.have.length(8);
    rows.forEach((row, i) => {
      expect(row).to.include({ opening: pairs[i]!.opening, label: pairs[i]!.label, natural: 10 });
      expect(row.votes).to.deep.equal([0, 0, 0, 2, 0, 1, 0, 0, 0, 0]);
      expect(row.others).to.equal(1);
    });
  });

  it('has no silent members', async () => {
    const pairs = [{ opening, label: 0 }];
    await coded('nulls.refused', () =>
      askPanel(
        nullModels(1, () => 'suspect.failed'),
        pairs,
        { classes: 10 },
      ),
    );
  });

  it('doubts a pair whose committed label more than half of it answers, unless that is the natural class', () => {
    const row: PanelRow = { opening, label: 1, natural: 0, votes: [0, 3, 2], others: 0 };
    expect(isDoubtful(row)).to.equal(true);
    expect(isDoubtful({ ...row, natural: 3 })).to.equal(true);
    expect(isDoubtful({ ...row, natural: 1 })).to.equal(false);
    expect(isDoubtful({ ...row, others: 1 })).to.equal(false);
    expect(isDoubtful({ ...row, label: 2 })).to.equal(false);
  });
});
