import { expect } from 'chai';
import fc from 'fast-check';

import { binomialTail } from '../../src/protocol/index.js';
import { exactInterval } from '../../scripts/simulate/interval.js';
import { claimsPlot } from '../../scripts/simulate/plot.js';
import { findings, simulateAll, simulateStrategy } from '../../scripts/simulate/run.js';
import { strategies } from '../../scripts/simulate/strategies.js';

const [random] = strategies;

describe('npm run simulate claims', () => {
  const rows = simulateAll({ claims: 200, seed: 'test' });

  it('keeps every strategy within its bound, and shows that it would notice', () => {
    const grown = rows.map((row) => ({ ...row, bound: row.bound / 50 }));
    expect(rows.filter(({ measured, bound }) => measured.low > bound)).to.deep.equal([]);
    expect(findings(grown).length).to.be.at.least(5);
  });

  it('finds that grinding, suspects, label maps and chosen labels win where they are not charged', () => {
    const broken = rows.filter(({ control, bound }) => control && control.low > bound);
    expect(broken.map(({ strategy }) => strategy.name)).to.include.members([
      'grinding',
      'commitments',
      'adversarial images',
      'suspects',
      'label map',
      'combination',
    ]);
  });

  it('measures the chance of an honest coincidence', () => {
    const row = simulateStrategy({ strategy: random!, claims: 1500, seed: 'coincidence' });
    const chance = binomialTail({
      trials: 8,
      successes: 4,
      chance: { numerator: 1n, denominator: 6n },
    });
    const exact = Number(chance.numerator) / Number(chance.denominator);
    expect(row.measured.low).to.be.below(exact);
    expect(row.measured.high).to.be.above(exact);
  });

  it('gives the same rows and the same picture for the same seed', async () => {
    const again = simulateStrategy({ strategy: random!, claims: 200, seed: 'test' });
    expect(again).to.deep.equal(rows[0]);
    expect(await claimsPlot(rows)).to.equal(await claimsPlot(rows));
  });
});

describe('the exact interval', () => {
  it('agrees with published values', () => {
    // Clopper and Pearson: 0 of 10 and 5 of 10 at 95 %, by beta quantiles.
    const none = exactInterval({ successes: 0, trials: 10, confidence: 0.95 });
    const half = exactInterval({ successes: 5, trials: 10, confidence: 0.95 });
    expect(none.low).to.equal(0);
    expect(none.high).to.be.closeTo(0.30849710781876083, 1e-12);
    expect(half.low).to.be.closeTo(0.18708602844739055, 1e-12);
    expect(half.high).to.be.closeTo(0.8129139715526094, 1e-12);
  });

  it('holds the measured rate and is symmetric', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), (trials, draw) => {
        const successes = draw % (trials + 1);
        const { low, high } = exactInterval({ successes, trials, confidence: 0.999 });
        const mirrored = exactInterval({
          successes: trials - successes,
          trials,
          confidence: 0.999,
        });
        expect(low).to.be.at.most(successes / trials);
        expect(high).to.be.at.least(successes / trials);
        expect(mirrored.low).to.be.closeTo(1 - high, 1e-9);
      }),
      { numRuns: 50 },
    );
  });
});
