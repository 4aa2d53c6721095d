import { expect } from 'chai';
import fc from 'fast-check';

import { InputError } from '../../src/base/index.js';
import { isSealed, seal, sealedHeader, unseal } from '../../src/crypto/index.js';
import { coded } from '../coded.js';
import { seeded } from '../support/claim.js';
import { fromHex, vectors } from '../support/vectors.js';
import { sealPlain, unsealEncrypted } from '../twin/sealed.js';

const { passphrase, content, salt, nonce, valid, composed, invalid } = vectors('sealed');
const open = (file: Uint8Array, secret: string | undefined = passphrase): Uint8Array =>
  unseal({ file, content: 'mark', passphrase: secret });
const bytes = fromHex(content);
const encrypted = fromHex(valid[0]!.hex);
const plain = fromHex(valid[1]!.hex);

/** Opens what was changed: never a success with other bytes, never an error without a code. */
function refused(file: Uint8Array): void {
  try {
    open(file);
  } catch (error) {
    expect(error).to.be.instanceOf(InputError);
    return;
  }
  expect.fail('a changed file was opened');
}

describe('sealed files', () => {
  it('are those of the vectors, byte for byte', () => {
    const drawn = [fromHex(nonce), fromHex(salt)];
    const random = (): Uint8Array => drawn.shift()!;
    expect(seal({ content: 'mark', bytes, passphrase, random, logN: 10 })).to.deep.equal(encrypted);
    expect(seal({ content: 'mark', bytes, passphrase: undefined, random })).to.deep.equal(plain);
    for (const { hex } of valid) expect(open(fromHex(hex))).to.deep.equal(bytes);
    expect(open(plain, undefined)).to.deep.equal(bytes);
  });

  it('open with the passphrase in any normal form of Unicode', () => {
    for (const secret of composed.passphrases) {
      expect(open(fromHex(composed.hex), secret)).to.deep.equal(bytes);
    }
  });

  for (const { name, code, hex } of invalid) {
    it(`do not open with ${name}`, () => coded(code, () => open(fromHex(hex))));
  }

  it('need a passphrase when encrypted', () =>
    coded('sealed.passphrase', () =>
      unseal({ file: encrypted, content: 'mark', passphrase: undefined }),
    ));

  for (const [name, file] of Object.entries({ encrypted, plain })) {
    it(`do not open with any byte changed (${name})`, () => {
      for (let at = 0; at < file.length; at++) {
        // 1 keeps the digits of logN small; 32 turns letters into capitals.
        for (const flip of [1, 32]) refused(file.map((byte, i) => (i === at ? byte ^ flip : byte)));
      }
    });

    it(`do not open when cut off anywhere (${name})`, () => {
      for (let end = 0; end < file.length; end++) refused(file.subarray(0, end));
    });
  }

  it('say what they are without being opened', async () => {
    expect(sealedHeader(encrypted)).to.include({ content: 'mark', logN: 10 });
    expect(isSealed(plain)).to.equal(true);
    expect(isSealed(plain.subarray(1))).to.equal(false);
    await coded('sealed.format', () => sealedHeader(new Uint8Array(2000)));
  });

  it('agree with the twin on any content and passphrase', () => {
    const random = seeded('sealed');
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.uint8Array(), text, (body, secret) => {
        const file = seal({ content: 'mark', bytes: body, passphrase: secret, random, logN: 10 });
        expect(new Uint8Array(unsealEncrypted(file, secret))).to.deep.equal(body);
        const open = seal({ content: 'mark', bytes: body, passphrase: undefined, random });
        expect(open).to.deep.equal(new Uint8Array(sealPlain('mark', body)));
      }),
      { numRuns: 20 },
    );
  });
});
