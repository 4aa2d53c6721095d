import { expect } from 'chai';
import fc from 'fast-check';

import type { Parameters } from '../../src/commitment/index.js';
import {
  atMostPowerOfTwo,
  binomialTail,
  defaultPolicy,
  isSignificant,
  leastSuccesses,
  log2,
  threshold,
} from '../../src/protocol/index.js';
import { testParameters } from '../support/claim.js';

const coin = { numerator: 1n, denominator: 2n };

/** Two classes, so that n matches have the chance 2^−n, and every allowance is a power of two. */
function setting(batchSize: number, batches: number): Parameters {
  return { ...testParameters, classNames: ['no', 'yes'], batchSize, hidden: batchSize * batches };
}

describe('allowances', () => {
  it('enter exactly once each: the edge lies where their bits add up to those of the chance', () => {
    const bits = fc.integer({ min: 0, max: 40 });
    const cases = fc.record({
      alphaBits: fc.integer({ min: 1, max: 40 }),
      grindingBits: bits,
      suspectBits: bits,
      batchBits: fc.integer({ min: 0, max: 6 }),
      mapBits: bits,
    });
    fc.assert(
      fc.property(cases, ({ batchBits, mapBits, ...of }) => {
        const needed = of.alphaBits + of.grindingBits + of.suspectBits + batchBits + mapBits;
        const policy = { ...defaultPolicy, ...of };
        const holds = (batchSize: number): boolean =>
          isSignificant(
            setting(batchSize, 2 ** batchBits),
            policy,
            batchSize,
            1n << BigInt(mapBits),
          );
        expect(holds(needed)).to.equal(true);
        if (needed > 1) expect(holds(needed - 1)).to.equal(false);
      }),
    );
  });

  it('of null models are none: the level of their test is no part of α', () => {
    const policy = { ...defaultPolicy, nullModels: 20, nullPpm: 500_000 };
    expect(threshold(testParameters, policy)).to.equal(threshold(testParameters, defaultPolicy));
  });

  it('are the same in the threshold, which is the first number of matches that is significant', () => {
    const cases = fc.record({
      batchSize: fc.integer({ min: 1, max: 40 }),
      batches: fc.integer({ min: 1, max: 5 }),
      suspectBits: fc.integer({ min: 0, max: 10 }),
      alphaBits: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(cases, ({ batchSize, batches, ...of }) => {
        const parameters = setting(batchSize, batches);
        const policy = { ...defaultPolicy, ...of, grindingBits: 1 };
        const first = Array.from({ length: batchSize + 1 }, (_, k) => k).find((k) =>
          isSignificant(parameters, policy, k),
        );
        expect(threshold(parameters, policy)).to.equal(first);
      }),
    );
  });
});

describe('the least number of successes', () => {
  it('is the first whose tail is rare enough, for any chance', () => {
    const cases = fc.record({
      trials: fc.integer({ min: 0, max: 30 }),
      ppm: fc.integer({ min: 1, max: 1_000_000 }),
      factor: fc.bigInt({ min: 1n, max: 1000n }),
      bits: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(cases, ({ trials, ppm, factor, bits }) => {
        const chance = { numerator: BigInt(ppm), denominator: 1_000_000n };
        const first = Array.from({ length: trials + 1 }, (_, k) => k).find((successes) =>
          atMostPowerOfTwo(binomialTail({ trials, successes, chance }), factor, bits),
        );
        expect(leastSuccesses({ trials, chance, factor, bits })).to.equal(first);
      }),
    );
  });

  it('may lie on the very edge', () => {
    const at = (bits: number) => leastSuccesses({ trials: 10, chance: coin, factor: 1n, bits });
    expect(at(10)).to.equal(10);
    expect(at(11)).to.equal(undefined);
    expect(at(0)).to.equal(0);
  });
});

describe('binomial tails of published tables', () => {
  const tenth = { numerator: 1n, denominator: 10n };
  const tailOf = (trials: number, successes: number): number =>
    2 ** log2(binomialTail({ trials, successes, chance: tenth }));

  it('are those of Wackerly, Mendenhall and Scheaffer, appendix 3, table 1: n = 20, p = 0.1', () => {
    const cumulative = ['.122', '.392', '.677', '.867', '.957', '.989', '.998', '1.000'];
    cumulative.forEach((expected, atMost) => {
      const value = (1 - tailOf(20, atMost + 1)).toFixed(3);
      expect(value.replace(/^0/, '')).to.equal(expected);
    });
  });

  it('are 2^-64 for 46 of 100 and 2^-128 for 65 of 100, as bounds to the bit', () => {
    for (const [successes, bits] of [
      [46, 64],
      [65, 128],
    ] as const) {
      const tail = binomialTail({ trials: 100, successes, chance: tenth });
      const less = binomialTail({ trials: 100, successes: successes - 1, chance: tenth });
      expect(atMostPowerOfTwo(tail, 1n, bits)).to.equal(true);
      expect(atMostPowerOfTwo(less, 1n, bits)).to.equal(false);
    }
  });

  it('bound sums of unequal chances from one above their mean on (Hoeffding 1956, theorem 4)', () => {
    const chances = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(chances, (percents) => {
        const trials = percents.length;
        let row = [1n];
        for (const percent of percents) {
          row = Array.from(
            { length: row.length + 1 },
            (_, j) => (row[j] ?? 0n) * BigInt(100 - percent) + (row[j - 1] ?? 0n) * BigInt(percent),
          );
        }
        const sum = percents.reduce((all, one) => all + one, 0);
        if (sum === 0) return;
        const mean = { numerator: BigInt(sum), denominator: BigInt(100 * trials) };
        for (let k = Math.ceil(sum / 100) + 1; k <= trials; k++) {
          const unequal = row.slice(k).reduce((all, one) => all + one, 0n);
          const equal = binomialTail({ trials, successes: k, chance: mean });
          expect(unequal * equal.denominator <= equal.numerator * 100n ** BigInt(trials)).to.equal(
            true,
          );
        }
      }),
    );
  });
});
