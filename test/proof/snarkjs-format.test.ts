import { expect } from 'chai';

import { encodeProof } from '../../src/proof/groth16-proof.js';
import {
  keyFromSnarkjs,
  keyToSnarkjs,
  proofFromSnarkjs,
  proofToSnarkjs,
} from '../../src/proof/snarkjs-format.js';
import { coded } from '../coded.js';
import { key, keyNames, statements, vector } from './groth16-vector.js';

const json = vector.statements[0]!.proof;
const { pi_a: a, pi_b: b } = json;

describe('the JSON of snarkjs', () => {
  it('comes back for proofs', () => {
    for (const [i, { proof }] of vector.statements.entries()) {
      expect(proofToSnarkjs(proofFromSnarkjs(proof))).to.deep.equal(proof);
      expect(encodeProof(proofFromSnarkjs(proof))).to.deep.equal(encodeProof(statements[i]!.proof));
    }
  });

  it('comes back for keys, but for the pairing that no verifier needs', () => {
    expect(vector.key).to.deep.include(keyToSnarkjs(key));
    expect(keyFromSnarkjs(keyToSnarkjs(key), keyNames).digest).to.deep.equal(key.digest);
    expect(key).to.deep.include(keyNames);
  });

  const malformed: [string, unknown][] = [
    ['nothing', undefined],
    ['another protocol', { ...json, protocol: 'plonk' }],
    ['another curve', { ...json, curve: 'bls12381' }],
    ['a missing point', { ...json, pi_c: undefined }],
    ['a number instead of a text', { ...json, pi_a: [1, 2, '1'] }],
    ['hexadecimal', { ...json, pi_a: ['0x1', '2', '1'] }],
    ['a leading zero', { ...json, pi_a: [`0${a[0]}`, a[1], '1'] }],
    ['a sign', { ...json, pi_a: [`-${a[0]}`, a[1], '1'] }],
    ['infinity', { ...json, pi_a: ['0', '1', '0'] }],
    ['projective coordinates', { ...json, pi_a: [a[0], a[1], '2'] }],
    ['a number of 78 digits above 2^256', { ...json, pi_a: ['9'.repeat(78), a[1], '1'] }],
    ['a number of 79 digits', { ...json, pi_a: ['1'.repeat(79), a[1], '1'] }],
    ['a third coordinate of G2 other than 1', { ...json, pi_b: [b[0], b[1], ['1', '1']] }],
  ];
  for (const [name, value] of malformed) {
    it(`is no proof with ${name}`, () => coded('snarkjs.format', () => proofFromSnarkjs(value)));
  }

  it('is no key with another number of public inputs than IC has points', async () => {
    for (const change of [{ nPublic: 6 }, { IC: vector.key.IC.slice(1) }, { IC: [] }]) {
      await coded('snarkjs.format', () => keyFromSnarkjs({ ...vector.key, ...change }, keyNames));
    }
  });

  it('is no key with a bad point, which is named', async () => {
    const off = ['1', '3', '1'];
    const error = await coded('key.point', () =>
      keyFromSnarkjs({ ...vector.key, IC: vector.key.IC.with(3, off as never) }, keyNames),
    );
    expect(error.message).to.equal('ic[3] of the key is not on the curve');
  });

  it('makes no key with a name that a key file cannot hold', () =>
    coded('key.format', () => keyFromSnarkjs(vector.key, { ...keyNames, instance: 'A b' })));
});
