import { expect } from 'chai';
import fc from 'fast-check';

import {
  accuracyLost,
  type AttackRecord,
  isUsable,
  markLost,
  type Measurement,
  strongest,
  succeeds,
} from '../../src/attacks/index.js';
import { attackRecord, measured, point, sweepRecord } from './records.js';

const lost = [25, 25, 25];
const kept = [40, 40, 40];

/** A record whose one point has some of `total` test images right. */
function fall({ before, after, total }: { before: number; after: number; total: number }) {
  const of = (correct: number, batches: number[]): Measurement => ({
    ...measured(0, batches),
    test: { correct, total },
  });
  const only = point(of(after, lost));
  return { record: attackRecord({ before: of(before, kept), points: [only] }), only };
}

describe('whether an attack succeeds', () => {
  it('asks for a lost verdict and at most 5 points of accuracy', () => {
    const cases: [test: number, batches: number[], expected: boolean][] = [
      [8_600, lost, true],
      [8_599, lost, false],
      [8_600, [25, 40, 40], true],
      [8_600, [26, 26, 26], false],
      [9_900, lost, true],
      [9_900, kept, false],
    ];
    for (const [test, batches, expected] of cases) {
      const only = point(measured(test, batches));
      expect(succeeds(attackRecord({ points: [only] }), only), `${test}`).to.equal(expected);
    }
  });

  it('does not count the owner’s last layer', () => {
    const only = { ...point(measured(9_000, lost)), ownerHead: measured(9_000, kept) };
    expect(succeeds(attackRecord({ points: [only] }), only)).to.equal(true);
    const other = { ...point(measured(9_000, kept)), ownerHead: measured(9_000, lost) };
    expect(succeeds(attackRecord({ points: [other] }), other)).to.equal(false);
  });

  it('is exact at the boundary, whatever the number of test images', () => {
    const totals = fc.integer({ min: 1, max: 2 ** 30 });
    fc.assert(
      fc.property(totals, fc.nat(), fc.constantFrom(-1, 0, 1), (total, seed, step) => {
        // The largest whole number of images that is at most 5 points of them.
        const allowed = Math.floor(total / 20);
        const before = allowed + 1 + (seed % (total - allowed));
        if (before > total) return;
        const { record, only } = fall({ before, after: before - allowed - step, total });
        expect(succeeds(record, only)).to.equal(step <= 0);
        expect(isUsable(record, only)).to.equal(step <= 0);
      }),
    );
  });

  it('tells what was lost in percentage points', () => {
    const record = sweepRecord();
    expect(record.points.map((one) => accuracyLost(record, one).toFixed(2))).to.deep.equal([
      ...['0.10', '2.00', '4.60', '28.90'],
    ]);
    expect(record.points.map((one) => markLost(record, one).toFixed(1))).to.deep.equal([
      ...['0.0', '16.7', '40.0', '90.0'],
    ]);
    const better = point(measured(9_200, kept));
    expect(accuracyLost(attackRecord(), better)).to.equal(-1);
  });
});

describe('the strongest point of an attack', () => {
  const among = (...points: [test: number, batches: number[]][]): number => {
    const made = points.map(([test, batches]) => point(measured(test, batches)));
    return made.indexOf(strongest(attackRecord({ points: made })));
  };

  it('is the one that loses most of the mark among those within 5 points', () => {
    const record = sweepRecord();
    expect(strongest(record).value).to.equal('0.9');
    expect(among([9_000, kept], [9_000, [39, 40, 40]])).to.equal(1);
    expect(among([8_000, lost], [9_000, kept])).to.equal(1);
  });

  it('goes by verdict before triggers, then by accuracy, then by order', () => {
    expect(among([9_000, [26, 26, 26]], [9_000, [40, 40, 25]])).to.equal(1);
    expect(among([9_000, [40, 0, 0]], [9_000, lost])).to.equal(1);
    expect(among([9_000, lost], [9_001, lost], [9_001, lost])).to.equal(1);
  });

  it('is the one that costs least where all cost more than 5 points', () => {
    expect(among([7_000, lost], [8_000, kept], [8_000, lost])).to.equal(1);
  });

  it('succeeds exactly when some point does', () => {
    const matches = fc.integer({ min: 0, max: 40 });
    const batches = fc.array(matches, { minLength: 3, maxLength: 3 });
    const points = fc.array(fc.tuple(fc.integer({ min: 8_500, max: 8_700 }), batches), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(points, (list) => {
        const made = list.map(([test, each]) => point(measured(test, each)));
        const record: AttackRecord = attackRecord({ points: made });
        expect(succeeds(record, strongest(record))).to.equal(
          made.some((one) => succeeds(record, one)),
        );
      }),
    );
  });
});
