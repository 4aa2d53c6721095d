import { expect } from 'chai';
import fc from 'fast-check';

import {
  bigEndian,
  bigEndianToInteger,
  bytesToHex,
  equalBytes,
  frame,
  type FrameField,
  fromBase64,
  hexBytes,
  toBase64,
} from '../../src/base/index.js';
import { taggedHash } from '../../src/crypto/index.js';
import { coded } from '../coded.js';
import { fromHex, vectors } from '../support/vectors.js';
import { frame as twinFrame } from '../twin/bytes.js';

const { base64, frames } = vectors('encodings');

describe('base64', () => {
  it('takes the valid vectors both ways', () => {
    for (const { hex, text } of base64.valid) {
      expect(toBase64(fromHex(hex))).to.equal(text);
      expect(fromBase64(text)).to.deep.equal(fromHex(hex));
    }
  });

  for (const { name, text, code } of base64.invalid) {
    it(`refuses ${name}`, () => coded(code, () => fromBase64(text)));
  }

  it('has one spelling for each byte string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        expect(toBase64(bytes)).to.equal(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).to.deep.equal(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.base64String(), (text) => {
        try {
          expect(toBase64(fromBase64(text))).to.equal(text);
        } catch (error) {
          expect(error).to.include({ code: 'encoding.base64' });
        }
      }),
    );
  });
});

describe('hexadecimal', () => {
  it('has lower-case digits and the length asked for', async () => {
    expect(hexBytes('00ff', 2)).to.deep.equal(Uint8Array.of(0, 255));
    for (const text of ['', '0', '00f', '00FF', '0x00', '00 f', '00ff00', '00f\n']) {
      await coded('encoding.hex', () => hexBytes(text, 2));
    }
  });
});

describe('big-endian integers', () => {
  it('go both ways and refuse what does not fit', async () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(bigEndianToInteger(bigEndian(value, 8))).to.equal(value);
      }),
    );
    expect(bigEndianToInteger(new Uint8Array())).to.equal(0n);
    await coded('encoding.integer', () => bigEndian(256, 1));
    await coded('encoding.integer', () => bigEndian(-1, 8));
  });
});

describe('frames', () => {
  it('and their hashes are those of the vectors', () => {
    for (const { fields, frame: hex, hash } of frames) {
      const list = fields.map((field) => (typeof field === 'object' ? fromHex(field.hex) : field));
      expect(bytesToHex(frame(list))).to.equal(hex);
      expect(bytesToHex(taggedHash('veilmark/session/1', list))).to.equal(hash);
    }
  });

  it('differ where the lists of fields differ, and are those of the twin', () => {
    const field = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'binary' }),
      fc.nat(),
    );
    const list = fc.array(field, { maxLength: 5 });
    const bytesOf = (value: FrameField): string => bytesToHex(frame([value]));
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(frame(a)).to.deep.equal(new Uint8Array(twinFrame(a)));
        const same = a.map(bytesOf).join() === b.map(bytesOf).join();
        expect(equalBytes(frame(a), frame(b))).to.equal(same);
      }),
    );
  });

  it('cannot be made equal by moving bytes from one field to the next', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.nat(), (bytes, m, n) => {
        const cut = (at: number) => frame([bytes.subarray(0, at), bytes.subarray(at)]);
        const [a, b] = [m % (bytes.length + 1), n % (bytes.length + 1)];
        expect(equalBytes(cut(a), cut(b))).to.equal(a === b);
      }),
    );
  });

  it('hold no text without a UTF-8 form: all lone surrogates would look the same', async () => {
    await coded('encoding.text', () => frame(['\ud800']));
    await coded('encoding.text', () => frame(['ok', 'a\udfff']));
  });
});
