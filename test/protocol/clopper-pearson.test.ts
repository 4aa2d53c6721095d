import { expect } from 'chai';
import fc from 'fast-check';

import { binomialTail, clopperPearsonUpper } from '../../src/protocol/index.js';
import { vectors } from '../support/vectors.js';
import { upperBound } from '../twin/statistics.js';

/** Upper ends of two-sided 95 % intervals are one-sided bounds at 2.5 %. */
const of95 = 25_000;

describe('the bound of Clopper and Pearson', () => {
  it('is that of published tables', () => {
    const published = [
      // Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 5: four decimals.
      { trials: 263, successes: 81, levelPpm: of95, upper: '0.3676' },
      { trials: 148, successes: 15, levelPpm: of95, upper: '0.1617' },
      { trials: 20, successes: 0, levelPpm: of95, upper: '0.1684' },
      { trials: 29, successes: 1, levelPpm: of95, upper: '0.1776' },
      // NIST/SEMATECH e-Handbook of Statistical Methods, 7.2.4.1: 4 of 20, two-sided 90 %.
      { trials: 20, successes: 4, levelPpm: 50_000, upper: '0.401029' },
      // Conover, Practical Nonparametric Statistics (1999), table A4: 5 of 25, three decimals.
      { trials: 25, successes: 5, levelPpm: of95, upper: '0.407' },
    ];
    for (const { upper, ...sample } of published) {
      const decimals = upper.length - 2;
      expect((clopperPearsonUpper(sample) / 1e6).toFixed(decimals)).to.equal(upper);
    }
  });

  it('follows the rule of three where nothing came true', () => {
    // Hanley and Lippman-Hand, JAMA 249 (1983) 1743–1745: about 3/n at 95 %, never more.
    for (const trials of [30, 100, 300, 1000, 3000]) {
      const upper = clopperPearsonUpper({ trials, successes: 0, levelPpm: 50_000 }) / 1e6;
      expect(upper).to.be.below(3 / trials);
      expect(upper).to.be.above((3 / trials) * 0.95);
    }
  });

  it('is that of the vectors', () => {
    for (const { upperPpm, ...sample } of vectors('statistics').bounds) {
      expect(clopperPearsonUpper(sample), JSON.stringify(sample)).to.equal(upperPpm);
    }
  });

  const samples = fc
    .record({
      trials: fc.integer({ min: 1, max: 40 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      levelPpm: fc.integer({ min: 1, max: 500_000 }),
    })
    .map(({ trials, part, levelPpm }) => ({
      trials,
      successes: Math.round(part * trials),
      levelPpm,
    }));

  it('is what one trial after another gives', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const { trials, successes, levelPpm } = sample;
        expect(clopperPearsonUpper(sample)).to.equal(upperBound(trials, successes, levelPpm));
      }),
      { numRuns: 30 },
    );
  });

  it('is the least part per million at which so few successes are as rare as the level', () => {
    const isRare = (
      { trials, successes, levelPpm }: { trials: number; successes: number; levelPpm: number },
      ppm: number,
    ): boolean => {
      const chance = { numerator: BigInt(ppm), denominator: 1_000_000n };
      const more = binomialTail({ trials, successes: successes + 1, chance });
      const atMost = more.denominator - more.numerator;
      return atMost * 1_000_000n <= BigInt(levelPpm) * more.denominator;
    };
    fc.assert(
      fc.property(samples, (sample) => {
        const upper = clopperPearsonUpper(sample);
        if (upper < 1_000_000) expect(isRare(sample, upper)).to.equal(true);
        if (upper > 1) expect(isRare(sample, upper - 1)).to.equal(false);
      }),
    );
  });

  it('takes seconds, not hours, for as many answers as a session may have', () => {
    const started = performance.now();
    expect(clopperPearsonUpper({ trials: 100_000, successes: 50_000, levelPpm: 1000 })).to.equal(
      504_891,
    );
    expect(performance.now() - started).to.be.below(8000);
  }).slow(5000);
});
