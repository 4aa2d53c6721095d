import { expect } from 'chai';
import fc from 'fast-check';

import {
  atMostPowerOfTwo,
  binomialTail,
  chanceOfMatch,
  defaultPolicy,
  isPlainMap,
  labelMapCharge,
  log2,
  type Policy,
  requireThreshold,
  smallestBatch,
  threshold,
} from '../../src/protocol/index.js';
import type { Parameters } from '../../src/commitment/index.js';
import { coded } from '../coded.js';
import { testParameters } from '../support/claim.js';
import { vectors } from '../support/vectors.js';
import { type Stakes, tail, threshold as twinThreshold } from '../twin/statistics.js';

const { tails, thresholds, smallestBatches, labelMaps } = vectors('statistics');

function parametersOf({ c, batchSize, batches }: Omit<Stakes, keyof Policy>): Parameters {
  const classNames = Array.from({ length: c }, (_, i) => `${i}`);
  return { ...testParameters, classNames, batchSize, hidden: batchSize * batches };
}

const policyOf = ({ alphaBits, grindingBits, suspectBits }: Stakes): Policy => ({
  ...defaultPolicy,
  alphaBits,
  grindingBits,
  suspectBits,
});

describe('binomial tails', () => {
  it('are those of the vectors, exactly', () => {
    for (const { trials, successes, c, numerator, denominator, atMost } of tails) {
      const chance = { numerator: 1n, denominator: BigInt(c) };
      const exact = binomialTail({ trials, successes, chance });
      expect(exact).to.deep.equal({
        numerator: BigInt(numerator),
        denominator: BigInt(denominator),
      });
      if (atMost === undefined) continue;
      expect(atMostPowerOfTwo(exact, 1n, atMost)).to.equal(true);
      expect(atMostPowerOfTwo(exact, 1n, atMost + 1)).to.equal(false);
      expect(Math.floor(-log2(exact) + 1e-9)).to.equal(atMost);
    }
  });

  it('are what one trial after another gives, for any chance', () => {
    const cases = fc.record({
      trials: fc.integer({ min: 0, max: 60 }),
      successes: fc.integer({ min: -1, max: 62 }),
      c: fc.integer({ min: 1, max: 2000 }),
    });
    fc.assert(
      fc.property(cases, ({ trials, successes, c }) => {
        const chance = { numerator: 1n, denominator: BigInt(c) };
        expect(binomialTail({ trials, successes, chance })).to.deep.equal(
          tail(trials, successes, BigInt(c)),
        );
      }),
    );
    const half = { numerator: 2n, denominator: 4n };
    const { numerator, denominator } = binomialTail({ trials: 3, successes: 2, chance: half });
    expect(numerator * 2n).to.equal(denominator);
  });

  it('cost no hours for the largest batches that a file may announce', () => {
    const started = performance.now();
    const chance = { numerator: 1n, denominator: 10n };
    const exact = binomialTail({ trials: 20_000, successes: 2_100, chance });
    expect(log2(exact)).to.be.within(-7, -6);
    expect(performance.now() - started).to.be.below(5000);
  });
});

describe('thresholds', () => {
  for (const { name, threshold: expected, ...stakes } of thresholds) {
    it(`are those of the vectors: ${name}`, async () => {
      const parameters = parametersOf(stakes);
      expect(threshold(parameters, policyOf(stakes)) ?? -1).to.equal(expected);
      if (expected >= 0) return;
      await coded('policy.unwinnable', () => requireThreshold(parameters, policyOf(stakes)));
    });
  }

  it('are the same as by trying every number of matches', () => {
    const cases = fc.record({
      c: fc.integer({ min: 2, max: 50 }),
      batchSize: fc.integer({ min: 1, max: 30 }),
      batches: fc.integer({ min: 1, max: 5 }),
      alphaBits: fc.integer({ min: 1, max: 30 }),
      grindingBits: fc.integer({ min: 0, max: 10 }),
      suspectBits: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(cases, (stakes) => {
        const found = threshold(parametersOf(stakes), policyOf(stakes)) ?? -1;
        expect(found).to.equal(twinThreshold(stakes));
      }),
    );
  });

  it('need batches of a smallest size', () => {
    for (const { smallestBatch: expected, ...stakes } of smallestBatches) {
      const parameters = parametersOf({ ...stakes, batchSize: 1 });
      expect(smallestBatch(parameters, defaultPolicy)).to.equal(expected);
    }
  });

  it('rise with the label maps that could have been chosen', async () => {
    for (const { classes, labelMap, charge } of labelMaps) {
      expect(labelMapCharge(labelMap, classes)).to.equal(BigInt(charge));
    }
    expect(threshold(testParameters, defaultPolicy, 2n ** 20n)).to.be.above(36);
    expect(threshold(testParameters, defaultPolicy, 11n ** 10n)).to.equal(undefined);
    await coded('policy.label-map', () =>
      requireThreshold(testParameters, defaultPolicy, 11n ** 10n),
    );
  });

  it('charge label maps so that all of them together win no more often than α', () => {
    for (const [classes, suspectClasses] of [
      [2, 2],
      [3, 3],
      [3, 2],
      [2, 4],
      [4, 4],
      [3, 5],
    ] as const) {
      const every = Array.from({ length: (classes + 1) ** suspectClasses }, (_, number) =>
        Array.from(
          { length: suspectClasses },
          (_, answer) => (Math.floor(number / (classes + 1) ** answer) % (classes + 1)) - 1,
        ),
      );
      // Whatever matches under a plain map matches under the fullest of them: they are one choice.
      const chosen = every.filter((map) => !isPlainMap(map)).concat([[0]]);
      const share = chosen.reduce((sum, map) => sum + 1 / Number(labelMapCharge(map, classes)), 0);
      expect(share, `${classes} of ${suspectClasses}`).to.be.within(0.75, 1);
    }
  });

  it('charge at once for a hundred thousand classes', () => {
    const started = performance.now();
    const classes = 100_000;
    const turned = Array.from({ length: classes }, (_, answer) => (answer + 1) % classes);
    expect(labelMapCharge(turned, classes).toString(16).length).to.be.above(300_000);
    expect(performance.now() - started).to.be.below(1000);
  });

  it('rest on K, or on K − 1 where images have natural classes', () => {
    expect(chanceOfMatch(testParameters).denominator).to.equal(10n);
    expect(chanceOfMatch({ ...testParameters, natural: 'given' }).denominator).to.equal(9n);
  });
});
