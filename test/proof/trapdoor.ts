import { bn254 } from '@noble/curves/bn254.js';

import { decodeProof, encodeProof, type Groth16Proof } from '../../src/proof/groth16-proof.js';
import type { G1, G2 } from '../../src/proof/points.js';
import type { VerificationKeyFields } from '../../src/proof/verification-key.js';

const { Fr } = bn254.fields;

/** Discrete logarithms of a key's points. Who knows them proves anything (eprint 2016/260, the simulator). */
export interface Trapdoor {
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
  readonly ic: readonly bigint[];
}

export const g1 = (scalar: bigint): G1 => bn254.G1.Point.BASE.multiplyUnsafe(Fr.create(scalar));
export const g2 = (scalar: bigint): G2 => bn254.G2.Point.BASE.multiplyUnsafe(Fr.create(scalar));

/** The key of a trapdoor, without its points checked. */
export function keyFields({ alpha, beta, gamma, delta, ic }: Trapdoor): VerificationKeyFields {
  return {
    instance: 'trapdoor',
    stamp: 'dev',
    r1cs: new Uint8Array(64),
    alpha: g1(alpha),
    beta: g2(beta),
    gamma: g2(gamma),
    delta: g2(delta),
    ic: ic.map(g1),
  };
}

/** A trapdoor of arbitrary scalars for a number of public inputs. */
export function trapdoorFor(inputs: number): Trapdoor {
  const ic = Array.from({ length: inputs + 1 }, (_, i) => Fr.pow(BigInt(i) + 11n, 99n));
  return { alpha: 3n ** 90n, beta: 5n ** 80n, gamma: 7n ** 70n, delta: 11n ** 60n, ic };
}

/** A proof of any inputs: A = aG₁, B = bG₂, and the C that the equation asks for. */
export function simulate(
  { alpha, beta, gamma, delta, ic }: Trapdoor,
  inputs: readonly bigint[],
  { a, b }: { a: bigint; b: bigint } = { a: 123n, b: 456n },
): Groth16Proof {
  const sum = ic.reduce((total, scalar, i) => total + scalar * (i === 0 ? 1n : inputs[i - 1]!), 0n);
  const c = Fr.div(Fr.create(a * b - alpha * beta - gamma * sum), Fr.create(delta));
  return { a: g1(a), b: g2(b), c: g1(c) };
}

/** The proof with its points checked, as if it came from outside. */
export function received(proof: Groth16Proof): Groth16Proof {
  return decodeProof(encodeProof(proof));
}

/** A point on the twist with an x of (start, 0) or above: outside the subgroup, as all but 2^-254 of them are. */
export function outsideSubgroup(start: bigint): G2 {
  const { Fp2 } = bn254.fields;
  const { b } = bn254.G2.Point.CURVE();
  for (let c0 = start; ; c0++) {
    const x = Fp2.fromBigTuple([c0, 0n]);
    const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    if (!Fp2.eql(Fp2.pow(right, (Fp2.ORDER - 1n) / 2n), Fp2.ONE)) continue;
    return bn254.G2.Point.fromAffine({ x, y: Fp2.sqrt(right) });
  }
}
