import { bn254 } from '@noble/curves/bn254.js';
import { expect } from 'chai';

import { fieldOrder } from '../../src/crypto/index.js';
import { verifyProof } from '../../src/proof/groth16.js';
import {
  decodeVerificationKey,
  encodeVerificationKey,
  type VerificationKey,
} from '../../src/proof/verification-key.js';
import { coded } from '../coded.js';
import { key, otherKey, otherStatements, statements } from './groth16-vector.js';
import { g1, g2, keyFields, received, simulate, type Trapdoor, trapdoorFor } from './trapdoor.js';

const decodedKey = (trapdoor: Trapdoor): VerificationKey =>
  decodeVerificationKey(encodeVerificationKey(keyFields(trapdoor)));

const first = statements[0]!;

describe('a Groth16 proof', () => {
  it('of snarkjs holds', () => {
    for (const statement of statements) verifyProof({ key, ...statement });
    for (const statement of otherStatements) verifyProof({ key: otherKey, ...statement });
  });

  it('holds with any number of public inputs', () => {
    for (const inputs of [0, 1, 2, 127, 200]) {
      const trapdoor = trapdoorFor(inputs);
      const values = Array.from({ length: inputs }, (_, i) => BigInt(i % 5) ** 50n);
      const proof = received(simulate(trapdoor, values));
      verifyProof({ key: decodedKey(trapdoor), proof, inputs: values });
    }
  });

  it('holds when the public inputs add up to infinity', async () => {
    const trapdoor = { ...trapdoorFor(1), ic: [6n, fieldOrder - 2n] };
    const key = decodedKey(trapdoor);
    const proof = received(simulate(trapdoor, [3n]));
    verifyProof({ key, proof, inputs: [3n] });
    await coded('proof.false', () => {
      verifyProof({ key, proof, inputs: [2n] });
    });
  });

  it('does not hold for another statement, or under another key', async () => {
    for (const other of statements.slice(1)) {
      await coded('proof.false', () => {
        verifyProof({ key, proof: first.proof, inputs: other.inputs });
      });
    }
    await coded('proof.false', () => {
      verifyProof({ key: otherKey, ...first });
    });
  });

  it('does not hold with any public input changed', async () => {
    for (const at of first.inputs.keys()) {
      const inputs = first.inputs.map((input, i) => (i === at ? input + 1n : input));
      await coded('proof.false', () => {
        verifyProof({ key, proof: first.proof, inputs });
      });
    }
  });

  it('does not hold with a point negated or replaced', async () => {
    const { a, b, c } = first.proof;
    const changed = [
      { a: a.negate(), b, c },
      { a, b: b.negate(), c },
      { a, b, c: c.negate() },
      { a: c, b, c: a },
      { a: g1(1n), b, c },
      { a, b: g2(1n), c },
      { a, b, c: g1(1n) },
      { a: key.alpha, b: key.beta, c },
    ];
    for (const proof of changed) {
      await coded('proof.false', () => {
        verifyProof({ key, proof: received(proof), inputs: first.inputs });
      });
    }
  });

  it('does not hold with an element of the key changed', async () => {
    const changed = [
      { alpha: key.alpha.negate() },
      { beta: key.beta.negate() },
      { gamma: key.gamma.negate() },
      { delta: key.delta.negate() },
      { beta: key.gamma, gamma: key.beta },
      { gamma: key.delta, delta: key.gamma },
      { ic: [...key.ic].reverse() },
    ];
    for (const change of changed) {
      const other = decodeVerificationKey(encodeVerificationKey({ ...key, ...change }));
      await coded('proof.false', () => {
        verifyProof({ key: other, ...first });
      });
    }
  });

  // Groth16 is not strongly unforgeable: who sees a proof can make other ones of the same statement. That gives no
  // proof of another statement, and a session's head is among the public inputs.
  it('can be changed into another proof of the same statement, and of no other', async () => {
    const { a, b, c } = first.proof;
    const k = 987654321n;
    const inverse = bn254.fields.Fr.inv(k);
    const scaled = received({ a: a.multiplyUnsafe(k), b: b.multiplyUnsafe(inverse), c });
    const shifted = received({
      a,
      b: b.add(key.delta.multiplyUnsafe(k)),
      c: c.add(a.multiplyUnsafe(k)),
    });
    for (const proof of [scaled, shifted, received({ a: a.negate(), b: b.negate(), c })]) {
      verifyProof({ key, proof, inputs: first.inputs });
      await coded('proof.false', () => {
        verifyProof({ key, proof, inputs: statements[1]!.inputs });
      });
    }
  });
});

describe('public inputs', () => {
  const refusal = async (inputs: bigint[]): Promise<string> =>
    (
      await coded('proof.inputs', () => {
        verifyProof({ key, proof: first.proof, inputs });
      })
    ).message;

  it('have the number that the key has', async () => {
    expect(await refusal(first.inputs.slice(1))).to.equal(
      'the proof: the key has 7 public inputs, got 6',
    );
    expect(await refusal([...first.inputs, 0n])).to.include('got 8');
    expect(await refusal([])).to.include('got 0');
  });

  it('are canonical: x + r is not x', async () => {
    for (const at of first.inputs.keys()) {
      for (const value of [first.inputs[at]! + fieldOrder, fieldOrder, -1n]) {
        const inputs = first.inputs.map((input, i) => (i === at ? value : input));
        expect(await refusal(inputs)).to.equal(
          `the proof: public input ${at + 1} of 7 is no canonical field element`,
        );
      }
    }
  });

  it('may be zero and r − 1', async () => {
    const trapdoor = trapdoorFor(3);
    for (const inputs of [
      [0n, 0n, 0n],
      [fieldOrder - 1n, 0n, 1n],
    ]) {
      const proof = received(simulate(trapdoor, inputs));
      verifyProof({ key: decodedKey(trapdoor), proof, inputs });
      await coded('proof.false', () => {
        verifyProof({ key: decodedKey(trapdoor), proof, inputs: [1n, 1n, 1n] });
      });
    }
  });
});

describe('a proof or key put together outside the decoders', () => {
  it('is refused, as nobody has checked its points', async () => {
    await coded('proof.undecoded', () => {
      verifyProof({ key: { ...key }, ...first });
    });
    await coded('proof.undecoded', () => {
      verifyProof({ key, proof: { ...first.proof, a: g1(0n) }, inputs: first.inputs });
    });
  });
});
