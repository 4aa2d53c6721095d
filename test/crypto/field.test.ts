import { expect } from 'chai';
import fc from 'fast-check';

import { utf8ToBytes } from '../../src/base/index.js';
import {
  bytesToField,
  deriveSecret,
  fieldFromHex,
  fieldOrder,
  fieldToBytes,
  fieldToHex,
  hashToField,
  isFieldElement,
  tagToField,
} from '../../src/crypto/index.js';
import { coded } from '../coded.js';
import { vectors } from '../support/vectors.js';
import { derived } from '../twin/commitment.js';

const { field } = vectors('encodings');

describe('field elements', () => {
  it('go to text and back: 0, 1 and p − 1', () => {
    for (const { decimal, hex } of field.valid) {
      expect(fieldFromHex(hex)).to.equal(BigInt(decimal));
      expect(fieldToHex(BigInt(decimal))).to.equal(hex);
    }
  });

  for (const { name, text, code } of field.invalid) {
    it(`are not ${name}`, () => coded(code, () => fieldFromHex(text)));
  }

  it('end below p', async () => {
    expect(isFieldElement(fieldOrder - 1n)).to.equal(true);
    for (const value of [fieldOrder, fieldOrder + 1n, -1n]) {
      expect(isFieldElement(value)).to.equal(false);
      await coded('encoding.field', () => fieldToBytes(value));
    }
  });

  it('come from bytes by SHA-512 and by 64 uniform bytes', async () => {
    for (const { text, element } of field.hashToField) {
      expect(fieldToHex(hashToField(utf8ToBytes(text)))).to.equal(element);
    }
    expect(bytesToField(new Uint8Array(64))).to.equal(0n);
    for (const length of [0, 32, 63, 65]) {
      await coded('encoding.field', () => bytesToField(new Uint8Array(length)));
    }
  });

  it('come from a secret as in the twin, another for each purpose and index', () => {
    const element = (secret: Uint8Array, purpose: string, index: number): bigint =>
      bytesToField(deriveSecret(secret, { purpose, index }, 64));
    const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(secrets, fc.nat(20_000), (secret, index) => {
        const one = element(secret, 'test/1', index);
        expect(one).to.equal(derived(secret, 'test/1', index));
        expect(one).not.to.equal(element(secret, 'test/1', index + 1));
        expect(one).not.to.equal(element(secret, 'test/2', index));
      }),
      { numRuns: 30 },
    );
  });
});

describe('tags', () => {
  it('are ASCII of 1 to 31 bytes, read as a big-endian integer', async () => {
    expect(tagToField('a')).to.equal(0x61n);
    expect(tagToField('ab')).to.equal(0x6162n);
    expect(tagToField('x'.repeat(31))).to.satisfy(isFieldElement);
    for (const tag of ['', 'x'.repeat(32), 'a b', 'a\n', 'é', '\u007f', '\u0000']) {
      await coded('encoding.tag', () => tagToField(tag));
    }
  });
});
