import { bn254 } from '@noble/curves/bn254.js';
import { expect } from 'chai';
import fc from 'fast-check';

import { bigEndian, concatBytes } from '../../src/base/index.js';
import { fieldOrder } from '../../src/crypto/index.js';
import {
  decodeProof,
  encodeProof,
  isDecodedProof,
  proofBytes,
} from '../../src/proof/groth16-proof.js';
import { decodeG1, decodeG2, encodeG1, encodeG2 } from '../../src/proof/points.js';
import { coded } from '../coded.js';
import { statements } from './groth16-vector.js';
import { g1, g2, outsideSubgroup } from './trapdoor.js';

const q = bn254.fields.Fp.ORDER;
const label = { name: 'P', code: 'proof.point' } as const;
const words = (...integers: bigint[]): Uint8Array =>
  concatBytes(...integers.map((integer) => bigEndian(integer, 32)));

async function refusal(run: () => unknown): Promise<string> {
  return (await coded('proof.point', run)).message;
}

describe('a point of G1', () => {
  it('is x || y, as in EIP-196', () => {
    expect(encodeG1(g1(1n))).to.deep.equal(words(1n, 2n));
    expect(decodeG1(words(1n, 2n), label).equals(g1(1n))).to.equal(true);
    expect(decodeG1(words(1n, q - 2n), label).equals(g1(-1n))).to.equal(true);
  });

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: fieldOrder - 1n }), (scalar) => {
        const point = g1(scalar);
        expect(decodeG1(encodeG1(point), label).equals(point)).to.equal(true);
      }),
      { numRuns: 20 },
    );
  });

  const cases: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(), /P has 0 bytes instead of 64/],
    ['a byte too few', words(1n, 2n).subarray(1), /P has 63 bytes/],
    ['a byte too many', concatBytes(words(1n, 2n), new Uint8Array(1)), /P has 65 bytes/],
    ['infinity', words(0n, 0n), /P is the point at infinity/],
    ['x = q, y = q', words(q, q), /P has a coordinate that is not below q/],
    ['x + q', words(1n + q, 2n), /not below q/],
    ['y + q', words(1n, 2n + q), /not below q/],
    ['the largest numbers', words(2n ** 256n - 1n, 2n ** 256n - 1n), /not below q/],
    ['a point off the curve', words(1n, 3n), /P is not on the curve/],
    ['(0, 1)', words(0n, 1n), /P is not on the curve/],
  ];
  for (const [name, bytes, message] of cases) {
    it(`is not ${name}`, async () => {
      expect(await refusal(() => decodeG1(bytes, label))).to.match(message);
    });
  }
});

describe('a point of G2', () => {
  const { x, y } = g2(1n).toAffine();

  it('is x.c1 || x.c0 || y.c1 || y.c0, as in EIP-197', () => {
    // The generator P2 of EIP-197, imaginary part first.
    expect(encodeG2(g2(1n)).subarray(0, 32)).to.deep.equal(
      bigEndian(11559732032986387107991004021392285783925812861821192530917403151452391805634n, 32),
    );
    expect(encodeG2(g2(1n))).to.deep.equal(words(x.c1, x.c0, y.c1, y.c0));
  });

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: fieldOrder - 1n }), (scalar) => {
        const point = g2(scalar);
        expect(decodeG2(encodeG2(point), label).equals(point)).to.equal(true);
      }),
      { numRuns: 10 },
    );
  });

  const cases: [string, Uint8Array, RegExp][] = [
    ['a point of G1', words(1n, 2n), /P has 64 bytes instead of 128/],
    ['infinity', words(0n, 0n, 0n, 0n), /infinity/],
    ['c0 + q', words(x.c1, x.c0 + q, y.c1, y.c0), /not below q/],
    ['c1 + q', words(x.c1 + q, x.c0, y.c1, y.c0), /not below q/],
    ['the generator with its parts swapped', words(x.c0, x.c1, y.c0, y.c1), /not on the curve/],
    ['a point off the curve', words(x.c1, x.c0, y.c1, y.c0 + 1n), /not on the curve/],
    [
      'a point of the twist outside the subgroup',
      encodeG2(outsideSubgroup(1n)),
      /outside the subgroup of prime order/,
    ],
    [
      'a point of the subgroup plus one outside',
      encodeG2(g2(5n).add(outsideSubgroup(1n))),
      /outside the subgroup/,
    ],
  ];
  for (const [name, bytes, message] of cases) {
    it(`is not ${name}`, async () => {
      expect(await refusal(() => decodeG2(bytes, label))).to.match(message);
    });
  }

  // noble tests the subgroup by an endomorphism; this is the definition.
  it('is in the subgroup exactly if r times it is infinity', () => {
    const points = [g2(1n), g2(77n), outsideSubgroup(1n), outsideSubgroup(10n ** 40n)];
    for (const point of points) {
      const expected = point
        .multiplyUnsafe(fieldOrder - 1n)
        .add(point)
        .is0();
      expect(point.isTorsionFree()).to.equal(expected);
    }
    expect(points.map((point) => point.isTorsionFree())).to.deep.equal([true, true, false, false]);
  });
});

describe('a proof', () => {
  const { proof } = statements[0]!;
  const bytes = encodeProof(proof);

  it('is A || B || C in 256 bytes', () => {
    expect(bytes.length).to.equal(proofBytes).and.to.equal(256);
    expect(bytes).to.deep.equal(
      concatBytes(encodeG1(proof.a), encodeG2(proof.b), encodeG1(proof.c)),
    );
    expect(encodeProof(decodeProof(bytes))).to.deep.equal(bytes);
  });

  it('is known to be checked only where it was decoded', () => {
    expect(isDecodedProof(decodeProof(bytes))).to.equal(true);
    expect(isDecodedProof({ ...decodeProof(bytes) })).to.equal(false);
  });

  it('has no other length', async () => {
    await coded('proof.format', () => decodeProof(bytes.subarray(1)));
    await coded('proof.format', () => decodeProof(concatBytes(bytes, bytes)));
  });

  it('names the point that is wrong', async () => {
    for (const [name, at] of [
      ['A', 63],
      ['B', 191],
      ['C', 255],
    ] as const) {
      const changed = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(await refusal(() => decodeProof(changed))).to.equal(
        `${name} of the proof is not on the curve`,
      );
    }
  });

  it('is refused with any byte changed', () => {
    fc.assert(
      fc.property(fc.nat(proofBytes - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        expect(() => decodeProof(bytes.map((byte, i) => (i === at ? byte ^ flip : byte)))).to.throw(
          /of the proof (is not on the curve|has a coordinate)/,
        );
      }),
    );
  });
});
