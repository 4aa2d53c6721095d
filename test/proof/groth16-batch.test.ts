import { expect } from 'chai';

import { fieldOrder } from '../../src/crypto/index.js';
import type { ProvedStatement } from '../../src/proof/groth16.js';
import { fiatShamirScalars, verifyProofs } from '../../src/proof/groth16-batch.js';
import { decodeVerificationKey, encodeVerificationKey } from '../../src/proof/verification-key.js';
import { coded } from '../coded.js';
import { key, otherKey, statements } from './groth16-vector.js';
import { g1, keyFields, received, simulate, trapdoorFor } from './trapdoor.js';

const same = (length: number): Uint8Array => new Uint8Array(length).fill(1);
const zeros = (length: number): Uint8Array => new Uint8Array(length);

/** Changes one proof of a list by adding a point to its C. */
function withC(list: readonly ProvedStatement[], at: number, scalar: bigint): ProvedStatement[] {
  return list.map(({ proof, inputs }, i) =>
    i === at
      ? { proof: received({ ...proof, c: proof.c.add(g1(scalar)) }), inputs }
      : { proof, inputs },
  );
}

describe('many proofs of one circuit', () => {
  it('hold together, with hashed and with given scalars', () => {
    verifyProofs({ key, statements });
    verifyProofs({ key, statements: statements.slice(3, 4) });
    verifyProofs({ key, statements: [...statements, ...statements] });
    verifyProofs({ key, statements, random: same });
    verifyProofs({ key, statements, random: zeros });
    verifyProofs({ key, statements, random: (length) => new Uint8Array(length).fill(255) });
  });

  it('are refused with a false one in any place, which is named', async () => {
    for (const at of statements.keys()) {
      const { message } = await coded('proof.false', () => {
        verifyProofs({ key, statements: withC(statements, at, 5n) });
      });
      expect(message).to.equal(
        `proof ${at + 1} of 8 does not hold for its public inputs under this key`,
      );
    }
  });

  it('are refused with the proofs of two statements swapped', async () => {
    const [first, second] = [statements[0]!, statements[1]!];
    const swapped = [
      { proof: first.proof, inputs: second.inputs },
      { proof: second.proof, inputs: first.inputs },
    ];
    await coded('proof.false', () => {
      verifyProofs({ key, statements: swapped });
    });
  });

  it('are refused with a false one even if the scalars come out as zeros', () =>
    coded('proof.false', () => {
      verifyProofs({ key, statements: withC(statements, 2, 5n), random: zeros });
    }));

  // Why the prover must not know the scalars beforehand.
  it('hold wrongly if errors cancel under known scalars, and not under hashed ones', async () => {
    const cancelling = withC(withC(statements, 1, 5n), 4, -5n);
    verifyProofs({ key, statements: cancelling, random: same });
    verifyProofs({ key, statements: cancelling, random: zeros });
    const { message } = await coded('proof.false', () => {
      verifyProofs({ key, statements: cancelling });
    });
    expect(message).to.include('proof 2 of 8');
  });

  it('are refused with wrong public inputs before any pairing', async () => {
    const changed = (inputs: readonly bigint[]) =>
      statements.map((statement, i) => (i === 6 ? { ...statement, inputs } : statement));
    const { inputs } = statements[6]!;
    for (const [list, message] of [
      [inputs.slice(1), /^proof 7 of 8: the key has 7 public inputs, got 6$/],
      [[...inputs.slice(1), fieldOrder], /^proof 7 of 8: public input 7 of 7 is no canonical/],
    ] as const) {
      const error = await coded('proof.inputs', () => {
        verifyProofs({ key, statements: changed(list) });
      });
      expect(error.message).to.match(message);
    }
  });

  it('are not none, and not under a key that nobody has checked', async () => {
    await coded('proof.none', () => {
      verifyProofs({ key, statements: [] });
    });
    await coded('proof.undecoded', () => {
      verifyProofs({ key: { ...key }, statements });
    });
  });

  it('need scalars of the length asked for', () =>
    coded('random.length', () => {
      verifyProofs({ key, statements, random: () => new Uint8Array(1) });
    }));

  it('hold with 80 statements of 100 public inputs, some shared', async () => {
    const trapdoor = trapdoorFor(100);
    const key = decodeVerificationKey(encodeVerificationKey(keyFields(trapdoor)));
    const list = Array.from({ length: 80 }, (_, i) => {
      const inputs = Array.from({ length: 100 }, (_, j) => (j < 90 ? BigInt(j) : BigInt(i * j)));
      const scalars = { a: BigInt(i) + 1n, b: BigInt(i) + 2n };
      return { proof: received(simulate(trapdoor, inputs, scalars)), inputs };
    });
    verifyProofs({ key, statements: list });
    const { message } = await coded('proof.false', () => {
      verifyProofs({ key, statements: withC(list, 1, 5n) });
    });
    expect(message).to.include('proof 2 of 80');
  });
});

describe('hashed scalars', () => {
  const scalars = fiatShamirScalars(key, statements);

  it('are from 1 to 2^128, all different, and the same each time', () => {
    expect(scalars.every((scalar) => scalar >= 1n && scalar <= 2n ** 128n)).to.equal(true);
    expect(new Set(scalars).size).to.equal(8);
    expect(fiatShamirScalars(key, statements)).to.deep.equal(scalars);
  });

  it('all change with the key, any proof, any public input, and the order', () => {
    const { proof, inputs } = statements[7]!;
    const changes: ProvedStatement[][] = [
      [...statements].reverse(),
      withC(statements, 7, 1n),
      [...statements.slice(0, 7), { proof, inputs: inputs.with(6, inputs[6]! + 1n) }],
      [...statements.slice(0, 7), { proof, inputs: [...inputs.slice(1), inputs[0]!] }],
      [...statements, statements[0]!],
    ];
    for (const changed of [
      fiatShamirScalars(otherKey, statements),
      ...changes.map((list) => fiatShamirScalars(key, list)),
    ]) {
      expect(changed.filter((scalar) => scalars.includes(scalar))).to.deep.equal([]);
    }
  });
});
