import { bn254 } from '@noble/curves/bn254.js';
import { expect } from 'chai';

import { bigEndianToInteger } from '../../src/base/index.js';
import { fieldOrder } from '../../src/crypto/index.js';
import { encodeG1, encodeG2 } from '../../src/proof/points.js';
import type { SnarkjsProof } from '../../src/proof/snarkjs-format.js';
import { keyToSnarkjs, proofToSnarkjs } from '../../src/proof/snarkjs-format.js';
import type { VerificationKeyFields } from '../../src/proof/verification-key.js';
import { key, statements, vector } from './groth16-vector.js';
import { type Case, endSnarkjs, ourAnswer, snarkjsAccepts } from './snarkjs-verifier.js';
import { g1, g2, keyFields, outsideSubgroup, simulate, trapdoorFor } from './trapdoor.js';

const q = bn254.fields.Fp.ORDER;
const honest: Case = { key: vector.key, ...vector.statements[0]! };
const allZero: Case = { key: vector.key, ...vector.statements[1]! };

/** A true proof under a trapdoor, as both verifiers read it, with points of the key replaced. */
function simulated({
  trapdoor = trapdoorFor(1),
  proof,
  key: change = {},
}: {
  trapdoor?: ReturnType<typeof trapdoorFor>;
  proof?: { a: bigint; b: bigint };
  key?: Partial<VerificationKeyFields>;
} = {}): Case {
  return {
    key: keyToSnarkjs({ ...keyFields(trapdoor), ...change }),
    proof: proofToSnarkjs(simulate(trapdoor, [9n], proof)),
    inputs: ['9'],
  };
}

/** A point written as snarkjs writes infinity. */
const atInfinity = (given: Case, point: 'pi_a' | 'pi_b' | 'pi_c'): Case => {
  const infinity =
    point === 'pi_b'
      ? [
          ['0', '0'],
          ['1', '0'],
          ['0', '0'],
        ]
      : ['0', '1', '0'];
  return { ...given, proof: { ...given.proof, [point]: infinity } };
};

async function onlySnarkjsAccepts(given: Case, code: string): Promise<void> {
  expect([ourAnswer(given), await snarkjsAccepts(given)]).to.deep.equal([code, true]);
}

describe('what snarkjs accepts and ours refuses', () => {
  after(endSnarkjs);

  it('begins with what both accept', async () => {
    for (const given of [honest, allZero, simulated()]) {
      expect([ourAnswer(given), await snarkjsAccepts(given)]).to.deep.equal(['accepted', true]);
    }
  });

  // A statement with a public input left out is another statement to whoever reads it.
  it('too few public inputs: snarkjs takes those that are missing for zeros', async () => {
    for (const count of [1, 2, 6]) {
      const inputs = allZero.inputs.slice(0, count);
      await onlySnarkjsAccepts({ ...allZero, inputs }, 'proof.inputs');
    }
  });

  // One proof would have many spellings.
  it('a coordinate plus q: snarkjs reduces coordinates', async () => {
    const { pi_a: a, pi_b: b } = honest.proof;
    const plus = (decimal: string): string => (BigInt(decimal) + q).toString();
    const proofs: SnarkjsProof[] = [
      { ...honest.proof, pi_a: [plus(a[0]), a[1], '1'] },
      { ...honest.proof, pi_b: [[b[0][0], plus(b[0][1])], b[1], b[2]] },
    ];
    for (const proof of proofs) await onlySnarkjsAccepts({ ...honest, proof }, 'proof.point');
    const alpha = vector.key.vk_alpha_1;
    const changed = { ...vector.key, vk_alpha_1: [plus(alpha[0]), alpha[1], '1'] as typeof alpha };
    await onlySnarkjsAccepts({ ...honest, key: changed }, 'key.point');
  });

  it('hexadecimal and leading zeros: snarkjs reads many spellings of a number', async () => {
    const [x, y, z] = honest.proof.pi_a;
    for (const spelling of [`0x${BigInt(x).toString(16)}`, `00${x}`]) {
      const proof: SnarkjsProof = { ...honest.proof, pi_a: [spelling, y, z] };
      await onlySnarkjsAccepts({ ...honest, proof }, 'snarkjs.format');
    }
  });

  it('coordinates (z²x, z³y, z): snarkjs reads Jacobian coordinates', async () => {
    const { x, y } = statements[0]!.proof.c.toAffine();
    const jacobian = [(4n * x) % q, (8n * y) % q, 2n].map(String);
    const proof = { ...honest.proof, pi_c: jacobian } as unknown as SnarkjsProof;
    await onlySnarkjsAccepts({ ...honest, proof }, 'snarkjs.format');
  });

  // True equations, made with a trapdoor. No honest prover gets there by chance. In bytes it is `proof.point`.
  it('A or C at infinity', async () => {
    const { alpha, beta, gamma, ic } = trapdoorFor(1);
    // With a·1 = αβ + γ·Σ xᵢicᵢ, C is infinity.
    const a = (alpha * beta + gamma * (ic[0]! + 9n * ic[1]!)) % fieldOrder;
    const cases = [
      atInfinity(simulated({ proof: { a: 0n, b: 5n } }), 'pi_a'),
      atInfinity(simulated({ proof: { a, b: 1n } }), 'pi_c'),
    ];
    for (const given of cases) await onlySnarkjsAccepts(given, 'snarkjs.format');
  });

  // The optimal ate pairing is bilinear only in the subgroup.
  it('B outside the subgroup: snarkjs checks only the curve (here A is infinity)', async () => {
    const given = atInfinity(simulated({ proof: { a: 0n, b: 5n } }), 'pi_a');
    const { pi_b } = proofToSnarkjs({ a: g1(1n), b: outsideSubgroup(1n), c: g1(1n) });
    const outside = { ...given, proof: { ...given.proof, pi_b } };
    await onlySnarkjsAccepts(outside, 'snarkjs.format');
  });

  it('points of the key outside the subgroup (here the public inputs add up to infinity)', async () => {
    const trapdoor = { ...trapdoorFor(1), ic: [fieldOrder - 9n, 1n] };
    const given = simulated({ trapdoor, key: { gamma: outsideSubgroup(1n) } });
    await onlySnarkjsAccepts(given, 'key.point');
  });

  it('a point of IC off the curve, where the public input is 0', async () => {
    const off = ['1', '3', '1'] as (typeof vector.key.IC)[number];
    const changed = { ...vector.key, IC: vector.key.IC.with(3, off) };
    await onlySnarkjsAccepts({ ...allZero, key: changed }, 'key.point');
  });

  it('a key with alpha at infinity, under which e(α, β) is 1', async () => {
    const { key: json, ...rest } = simulated({ trapdoor: { ...trapdoorFor(1), alpha: 0n } });
    const infinity = ['0', '1', '0'] as unknown as typeof json.vk_alpha_1;
    await onlySnarkjsAccepts({ ...rest, key: { ...json, vk_alpha_1: infinity } }, 'snarkjs.format');
  });

  // A setup that was left before its first contribution: no witness, no trapdoor, any statement.
  it('anything at all under a key with γ = δ', async () => {
    for (const inputs of [
      [1n, 2n, 3n, 4n, 5n, 6n, 7n],
      [0n, 0n, 0n, 0n, 0n, 0n, 0n],
    ]) {
      const sum = key.ic.map((point, i) => point.multiplyUnsafe(i === 0 ? 1n : inputs[i - 1]!));
      const c = sum.reduce((total, point) => total.add(point)).negate();
      const forged = {
        key: vector.unfinishedKey,
        proof: proofToSnarkjs({ a: key.alpha, b: key.beta, c }),
        inputs: inputs.map(String),
      };
      await onlySnarkjsAccepts(forged, 'key.degenerate');
    }
  });

  it('anything at all under a key with γ = −δ', async () => {
    const { delta, ...trapdoor } = trapdoorFor(1);
    const given = simulated({ trapdoor: { ...trapdoor, delta, gamma: fieldOrder - delta } });
    await onlySnarkjsAccepts(given, 'key.degenerate');
  });

  it('a key that announces another number of public inputs', () =>
    onlySnarkjsAccepts({ ...honest, key: { ...vector.key, nPublic: 3 } }, 'snarkjs.format'));
});

describe('what both refuse for different reasons', () => {
  after(endSnarkjs);

  const bothRefuse = async (given: Case, code: string): Promise<void> => {
    expect([ourAnswer(given), await snarkjsAccepts(given)]).to.deep.equal([code, false]);
  };

  it('too many public inputs: snarkjs throws a TypeError', () =>
    bothRefuse({ ...honest, inputs: [...honest.inputs, '0'] }, 'proof.inputs'));

  it('B at infinity in a true equation: snarkjs’s e(A, infinity) is not 1', () =>
    bothRefuse(atInfinity(simulated({ proof: { a: 5n, b: 0n } }), 'pi_b'), 'snarkjs.format'));

  it('B outside the subgroup, A finite: in snarkjs the equation fails by luck', async () => {
    const { pi_b } = proofToSnarkjs({ a: g1(1n), b: outsideSubgroup(1n), c: g1(1n) });
    await bothRefuse({ ...honest, proof: { ...honest.proof, pi_b } }, 'proof.point');
  });
});

describe('the bytes of our points', () => {
  it('hold the numbers that snarkjs writes', () => {
    const { proof } = statements[0]!;
    const { pi_a, pi_b } = honest.proof;
    const words = (bytes: Uint8Array): string[] =>
      Array.from({ length: bytes.length / 32 }, (_, i) =>
        bigEndianToInteger(bytes.subarray(32 * i, 32 * i + 32)).toString(),
      );
    expect(words(encodeG1(proof.a))).to.deep.equal(pi_a.slice(0, 2));
    expect(words(encodeG2(proof.b))).to.deep.equal([
      pi_b[0][1],
      pi_b[0][0],
      pi_b[1][1],
      pi_b[1][0],
    ]);
    expect(words(encodeG2(g2(1n)))[1]).to.equal(vector.key.vk_gamma_2[0][0]);
  });
});
