import { expect } from 'chai';
import fc from 'fast-check';

import {
  fieldFromHex,
  fieldOrder,
  fieldToHex,
  hashMany,
  poseidon,
  poseidonArity,
} from '../../src/crypto/index.js';
import { coded } from '../coded.js';
import { vectors } from '../support/vectors.js';
import { hashMany as twinHashMany, poseidon as twinPoseidon } from '../twin/poseidon.js';

const element = fc.oneof(
  fc.bigInt({ min: 0n, max: fieldOrder - 1n }),
  fc.constantFrom(0n, 1n, fieldOrder - 1n),
);
/** Unchecked: the vectors hold elements that are out of range. */
const integer = (hex: string): bigint => BigInt(`0x${hex}`);

describe('Poseidon', () => {
  const { valid, invalid } = vectors('poseidon');

  it('gives the outputs of the vectors, for every arity', () => {
    for (const { inputs, output } of valid) {
      expect(fieldToHex(poseidon(inputs.map(fieldFromHex)))).to.equal(output);
    }
    expect(new Set(valid.map(({ inputs }) => inputs.length)).size).to.equal(poseidonArity);
  });

  for (const { name, inputs, code } of invalid) {
    it(`refuses ${name}`, () => coded(code, () => poseidon(inputs.map(integer))));
  }

  it('refuses negative numbers', () => coded('encoding.field', () => poseidon([-1n])));

  // circomlib's tables on one side, constants drawn anew from the Grain LFSR on the other.
  it('agrees with the twin on random inputs of every arity', () => {
    for (let arity = 1; arity <= poseidonArity; arity++) {
      const inputs = fc.array(element, { minLength: arity, maxLength: arity });
      fc.assert(
        fc.property(inputs, (xs) => {
          expect(poseidon(xs)).to.equal(twinPoseidon(xs));
        }),
        { numRuns: 8 },
      );
    }
  });
});

describe('hashMany', () => {
  const { valid, invalid, longestTag } = vectors('hash-many');

  it('gives the outputs of the vectors', () => {
    for (const { tag, elements, output } of [...valid, longestTag]) {
      expect(fieldToHex(hashMany(tag, elements.map(fieldFromHex)))).to.equal(output);
    }
  });

  for (const { name, tag, elements, code } of invalid) {
    it(`refuses ${name}`, () => coded(code, () => hashMany(tag, elements.map(integer))));
  }

  it('agrees with the twin, and tells zeros from padding', () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 33 }), (xs) => {
        const hash = hashMany('test/1', xs);
        expect(hash).to.equal(twinHashMany('test/1', xs));
        expect(hash).not.to.equal(hashMany('test/1', [...xs, 0n]));
        expect(hash).not.to.equal(hashMany('test/2', xs));
      }),
      { numRuns: 20 },
    );
  });
});
