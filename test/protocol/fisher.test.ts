import { expect } from 'chai';
import fc from 'fast-check';

import { fisherTail, type Fraction, isRejected, log2 } from '../../src/protocol/index.js';
import { vectors } from '../support/vectors.js';
import { fisher, type Table } from '../twin/statistics.js';

const tail = ([a, n, b, m]: Table): Fraction =>
  fisherTail({ first: { with: a, of: n }, second: { with: b, of: m } });

const isSame = (one: Fraction, other: Fraction): boolean =>
  one.numerator * other.denominator === other.numerator * one.denominator;

describe('Fisher’s exact test', () => {
  it('gives what its author and others published', () => {
    // The lady tasting tea: The Design of Experiments, section 6; 17 of 70.
    expect(isSame(tail([3, 4, 1, 4]), { numerator: 17n, denominator: 70n })).to.equal(true);
    // Criminal twins: Statistical Methods for Research Workers, section 21.02; 619 of 1,330,665.
    const twins = tail([10, 13, 2, 17]);
    expect(isSame(twins, { numerator: 619n, denominator: 1_330_665n })).to.equal(true);
  });

  it('is that of the vectors', () => {
    for (const { table, numerator, denominator } of vectors('statistics').fisher) {
      const expected = { numerator: BigInt(numerator), denominator: BigInt(denominator) };
      expect(isSame(tail(table), expected), table.join()).to.equal(true);
    }
  });

  it('is what dealing out the property in every way gives', () => {
    const group = fc
      .integer({ min: 0, max: 25 })
      .chain((of) => fc.tuple(fc.integer({ min: 0, max: of }), fc.constant(of)));
    fc.assert(
      fc.property(group, group, ([a, n], [b, m]) => {
        expect(isSame(tail([a, n, b, m]), fisher([a, n, b, m]))).to.equal(true);
      }),
    );
  });

  it('rejects at its level and not above, charged for several tests', () => {
    const thousandth = { numerator: 3n, denominator: 3000n };
    expect(isRejected(thousandth, { ppm: 1000 })).to.equal(true);
    expect(isRejected(thousandth, { ppm: 999 })).to.equal(false);
    expect(isRejected(thousandth, { ppm: 2000, tests: 2 })).to.equal(true);
    expect(isRejected(thousandth, { ppm: 1999, tests: 2 })).to.equal(false);
  });

  it('costs no hours for the largest counts that a verdict may hold', () => {
    const started = performance.now();
    expect(log2(tail([15_000, 20_000, 5_000, 100_000_000]))).to.be.below(-1000);
    expect(isSame(tail([5e7, 1e8, 0, 1e8]), { numerator: 1n, denominator: 1n })).to.equal(true);
    expect(performance.now() - started).to.be.below(5000);
  });
});
