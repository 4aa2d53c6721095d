import { expect } from 'chai';

import { canonicalBytes, concatBytes, type Json, utf8ToBytes } from '../../src/base/index.js';
import { encodeG1 } from '../../src/proof/points.js';
import {
  decodeVerificationKey,
  encodeVerificationKey,
  isDecodedKey,
  maxPublicInputs,
  verificationKeyDigest,
} from '../../src/proof/verification-key.js';
import { coded } from '../coded.js';
import { key } from './groth16-vector.js';
import { g1, g2, keyFields, outsideSubgroup, trapdoorFor } from './trapdoor.js';

const firstLine = 'veilmark/verification-key/1\n';
const body = JSON.parse(new TextDecoder().decode(key.bytes).split('\n')[1]!) as Record<
  string,
  Json
>;
const fileOf = (change: Record<string, Json>): Uint8Array =>
  concatBytes(utf8ToBytes(firstLine), canonicalBytes({ ...body, ...change }), utf8ToBytes('\n'));

describe('a verification key file', () => {
  it('comes back from its bytes, with its digest', () => {
    const again = decodeVerificationKey(encodeVerificationKey(key));
    expect(again.bytes).to.deep.equal(key.bytes).and.to.deep.equal(fileOf({}));
    expect(again.digest).to.deep.equal(verificationKeyDigest(key.bytes));
    expect(again.digest.length).to.equal(32);
    expect([again.instance, again.stamp, again.ic.length]).to.deep.equal(['tiny', 'dev', 8]);
    expect(Object.keys(body)).to.deep.equal([
      ...['alpha', 'beta', 'delta', 'gamma', 'ic', 'instance', 'r1cs', 'stamp'],
    ]);
  });

  it('is known to be checked only where it was decoded', () => {
    expect(isDecodedKey(key)).to.equal(true);
    expect(isDecodedKey({ ...key })).to.equal(false);
  });

  const text = new TextDecoder().decode(key.bytes);
  const malformed: [string, Uint8Array][] = [
    ['nothing', new Uint8Array()],
    ['only a first line', utf8ToBytes(firstLine)],
    ['a first line and a line feed', utf8ToBytes(`${firstLine}\n`)],
    ['another version', utf8ToBytes(text.replace('key/1', 'key/2'))],
    ['no line feed at the end', key.bytes.subarray(0, -1)],
    ['two line feeds at the end', concatBytes(key.bytes, utf8ToBytes('\n'))],
    ['white space', utf8ToBytes(text.replace('{', '{ '))],
    ['a member too many', fileOf({ curve: 'bn128' })],
    ['a member too few', utf8ToBytes(text.replace(/"stamp":"dev"/, '"stam":"dev"'))],
    ['another stamp', fileOf({ stamp: 'none' })],
    ['a name that could forge a line', fileOf({ instance: 'tiny\nverified' })],
    ['a short r1cs digest', fileOf({ r1cs: '00'.repeat(32) })],
    ['capital digits', fileOf({ alpha: (body['alpha'] as string).toUpperCase() })],
    ['a point of G1 for one of G2', fileOf({ beta: body['alpha']! })],
    ['no IC', fileOf({ ic: [] })],
    ['too large a file', new Uint8Array(2 ** 20 + 1)],
  ];
  for (const [name, bytes] of malformed) {
    it(`is not ${name}`, () => coded('key.format', () => decodeVerificationKey(bytes)));
  }

  it(`has at most ${maxPublicInputs} public inputs`, async () => {
    const point = Buffer.from(encodeG1(g1(9n))).toString('hex');
    const ic = (inputs: number) => new Array<Json>(inputs + 1).fill(point);
    expect(decodeVerificationKey(fileOf({ ic: ic(maxPublicInputs) })).ic.length).to.equal(5001);
    await coded('key.format', () => decodeVerificationKey(fileOf({ ic: ic(maxPublicInputs + 1) })));
  });
});

describe('the points of a verification key', () => {
  const fields = keyFields(trapdoorFor(3));
  const outside = outsideSubgroup(1n);
  const cases: [string, object, RegExp][] = [
    ['alpha at infinity', { alpha: g1(0n) }, /^alpha of the key is the point at infinity$/],
    ['beta at infinity', { beta: g2(0n) }, /^beta of the key is the point at infinity$/],
    ['beta outside the subgroup', { beta: outside }, /^beta of the key is outside/],
    ['gamma outside the subgroup', { gamma: outside }, /^gamma of the key is outside/],
    ['delta outside the subgroup', { delta: outside }, /^delta of the key is outside/],
    ['IC at infinity', { ic: [g1(1n), g1(2n), g1(0n)] }, /^ic\[2\] of the key is the point/],
  ];
  for (const [name, change, message] of cases) {
    it(`are refused with ${name}`, async () => {
      const file = encodeVerificationKey({ ...fields, ...change });
      const error = await coded('key.point', () => decodeVerificationKey(file));
      expect(error.message).to.match(message);
    });
  }

  for (const [name, gamma] of [
    ['gamma = delta', fields.delta],
    ['gamma = -delta', fields.delta.negate()],
  ] as const) {
    it(`are refused with ${name}`, () =>
      coded('key.degenerate', () =>
        decodeVerificationKey(encodeVerificationKey({ ...fields, gamma })),
      ));
  }
});
