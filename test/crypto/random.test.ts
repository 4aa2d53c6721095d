import { expect } from 'chai';
import fc from 'fast-check';

import { bytesToHex } from '../../src/base/index.js';
import { SeededStream, systemRandom } from '../../src/crypto/index.js';
import { coded } from '../coded.js';
import { vectors } from '../support/vectors.js';
import { Shake } from '../twin/bytes.js';

const { stream, below, permutations, invalidBounds } = vectors('sampling');
const fresh = (): SeededStream => new SeededStream(stream.tag, stream.fields);

/** Pearson's statistic of counts against equal chances. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** A stream whose first draws are given: what rejection does on the edge cannot be waited for. */
function rigged(draws: readonly bigint[]): SeededStream {
  const rest = draws.map((draw) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(draw);
    return new Uint8Array(bytes);
  });
  const made = fresh();
  made.bytes = () => rest.shift()!;
  return made;
}

describe('a seeded stream', () => {
  it('gives the bytes, integers and permutations of the vectors', () => {
    expect(bytesToHex(fresh().bytes(200))).to.equal(stream.bytes);
    const pieces = fresh();
    const taken = [1, 0, 7, 136, 56].map((length) => bytesToHex(pieces.bytes(length)));
    expect(taken.join('')).to.equal(stream.bytes);
    for (const { bound, draws } of below) {
      const made = fresh();
      expect(draws.map(() => made.below(bound))).to.deep.equal(draws);
    }
    for (const { length, order } of permutations) {
      expect(fresh().permutation(length)).to.deep.equal(order);
    }
  });

  for (const { bound, code } of invalidBounds) {
    it(`has no integers below ${bound}`, () => coded(code, () => fresh().below(bound)));
  }

  it('agrees with the twin on any bounds and lengths', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 2 ** 48 }),
        fc.nat(40),
        (seed, bound, n) => {
          const [ours, twin] = [new SeededStream('t', [seed]), new Shake('t', [seed])];
          for (let i = 0; i < 5; i++) expect(ours.below(bound)).to.equal(twin.below(bound));
          expect(ours.permutation(n)).to.deep.equal(twin.permutation(n));
        },
      ),
    );
  });

  it('throws away the draws that would make small results more likely', () => {
    const top = 2n ** 64n;
    // 2^64 = 3 · 6148914691236517205 + 1: one draw too many.
    expect(rigged([top - 1n, 5n]).below(3)).to.equal(2);
    expect(rigged([top - 2n]).below(3)).to.equal(2);
    expect(rigged([top - 1n]).below(2)).to.equal(1);
    expect(rigged([top - (top % 10n), top - 1n, 7n]).below(10)).to.equal(7);
    expect(rigged([top - (top % 10n) - 1n]).below(10)).to.equal(9);
  });

  it('is uniform on small bounds', () => {
    // Chance of a false alarm below 10^-6 each; the seed is fixed, so it never happens by chance.
    for (const [bound, limit] of [
      [2, 24],
      [3, 28],
      [10, 46],
      [17, 60],
    ] as const) {
      const made = new SeededStream('test/uniform/1', [bound]);
      const counts = new Array<number>(bound).fill(0);
      for (let i = 0; i < 20_000; i++) counts[made.below(bound)]!++;
      expect(chiSquare(counts)).to.be.below(limit);
    }
  });

  it('gives every permutation of four as often', () => {
    const made = new SeededStream('test/permutations/1', []);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = made.permutation(4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).to.equal(24);
    expect(chiSquare([...counts.values()])).to.be.below(72);
  });
});

describe('the system’s randomness', () => {
  it('has the length asked for and does not repeat', () => {
    expect(systemRandom(32)).to.have.length(32);
    expect(systemRandom(32)).not.to.deep.equal(systemRandom(32));
  });
});
