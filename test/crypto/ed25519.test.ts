import { expect } from 'chai';
import fc from 'fast-check';

import {
  checkPublicKey,
  generateKeyPair,
  keyPairFrom,
  signDer,
  signTagged,
  systemRandom,
  verifyDer,
  verifyTagged,
} from '../../src/crypto/index.js';
import { frame } from '../../src/base/index.js';
import { coded } from '../coded.js';
import { fromHex, vectors } from '../support/vectors.js';
import { publicKey as twinKey, sign as twinSign, verifyByOpenssl } from '../twin/ed25519.js';

const { tag, fields: shownFields, valid, invalid } = vectors('ed25519');
const fields = shownFields as readonly (string | number)[];
const holds = (key: string, signature: string): boolean =>
  verifyTagged({ tag, fields, signature: fromHex(signature), publicKey: fromHex(key) });
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('Ed25519 signatures', () => {
  for (const { name, key, signature } of valid) {
    it(`hold ${name}`, () => {
      expect(holds(key, signature)).to.equal(true);
    });
  }

  for (const { name, key, signature } of invalid) {
    it(`do not hold with ${name}`, () => {
      expect(holds(key, signature)).to.equal(false);
    });
  }

  it('include some that OpenSSL takes and veilmark does not', () => {
    expect(invalid.filter(({ openssl }) => openssl)).to.have.length.above(2);
  });

  it('are those of OpenSSL, byte for byte', () => {
    fc.assert(
      fc.property(seeds, fc.string(), (seed, text) => {
        const { publicKey } = keyPairFrom(seed);
        expect(publicKey).to.deep.equal(new Uint8Array(twinKey(seed)));
        const signature = signTagged('t', [text], seed);
        expect(signature).to.deep.equal(new Uint8Array(twinSign('t', [text], seed)));
        expect(verifyTagged({ tag: 't', fields: [text], signature, publicKey })).to.equal(true);
      }),
      { numRuns: 15 },
    );
  });

  it('hold only where OpenSSL says so too, whatever bit is changed', () => {
    const seed = new Uint8Array(32).fill(9);
    const { publicKey } = keyPairFrom(seed);
    const signature = signTagged('t', ['x'], seed);
    fc.assert(
      fc.property(fc.nat(95), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Uint8Array.from([...publicKey, ...signature]);
        bytes[at]! ^= flip;
        const [key, changed] = [bytes.slice(0, 32), bytes.slice(32)];
        expect(
          verifyTagged({ tag: 't', fields: ['x'], signature: changed, publicKey: key }),
        ).to.equal(false);
        expect(verifyByOpenssl('t', ['x'], { signature: changed, key })).to.equal(false);
      }),
      { numRuns: 60 },
    );
  });

  it('do not hold under another tag, or with fields cut otherwise', () => {
    const { secretKey, publicKey } = generateKeyPair(systemRandom);
    const signature = signTagged('t', ['ab', 'c'], secretKey);
    const check = (t: string, list: string[]): boolean =>
      verifyTagged({ tag: t, fields: list, signature, publicKey });
    expect(check('t', ['ab', 'c'])).to.equal(true);
    expect(check('u', ['ab', 'c'])).to.equal(false);
    expect(check('t', ['a', 'bc'])).to.equal(false);
    expect(check('t', ['ab', 'c', ''])).to.equal(false);
    expect(check('tab', ['c'])).to.equal(false);
  });

  it('hold when asked again, and only as they were', () => {
    const { secretKey, publicKey } = generateKeyPair(systemRandom);
    const signature = signTagged('t', ['x'], secretKey);
    const check = (field: string, bytes = signature): boolean =>
      verifyTagged({ tag: 't', fields: [field], signature: bytes, publicKey });
    for (let round = 0; round < 2; round++) {
      expect(check('x')).to.equal(true);
      expect(check('y')).to.equal(false);
      expect(check('x', Uint8Array.from([...signature.slice(0, 63), 0]))).to.equal(false);
      expect(check('x', Uint8Array.from([...signature, 0]))).to.equal(false);
    }
    const long = 'x'.repeat(5000);
    expect(check(long, signTagged('t', [long], secretKey))).to.equal(true);
    expect(check(long)).to.equal(false);
  });

  it('over DER are never those of a frame', async () => {
    const { secretKey, publicKey } = generateKeyPair(systemRandom);
    const der = Uint8Array.of(0x30, 1, 5);
    const signature = signDer(der, secretKey);
    expect(verifyDer(der, { signature, publicKey })).to.equal(true);
    expect(verifyDer(Uint8Array.of(0x30, 1, 6), { signature, publicKey })).to.equal(false);
    await coded('encoding.der', () => signDer(frame(['t', 'x']), secretKey));
    const tagged = signTagged('t', ['x'], secretKey);
    expect(verifyDer(frame(['t', 'x']), { signature: tagged, publicKey })).to.equal(false);
  });
});

describe('public keys', () => {
  it('are refused where no honest generator makes them', async () => {
    const weak = invalid.filter(({ name }) => /^(the key|key and R)/.test(name));
    expect(weak).to.have.length.above(20);
    for (const { key } of weak)
      await coded('key.public', () => {
        checkPublicKey(fromHex(key));
      });
    await coded('key.public', () => {
      checkPublicKey(new Uint8Array(31));
    });
    checkPublicKey(fromHex(valid[0]!.key));
  });
});
