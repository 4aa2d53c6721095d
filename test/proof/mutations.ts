import { bn254 } from '@noble/curves/bn254.js';
import fc from 'fast-check';

import { fieldOrder } from '../../src/crypto/index.js';
import { proofFromSnarkjs, proofToSnarkjs } from '../../src/proof/snarkjs-format.js';
import type { SnarkjsKey, SnarkjsProof } from '../../src/proof/snarkjs-format.js';
import { key, vector } from './groth16-vector.js';
import type { Case } from './snarkjs-verifier.js';
import { g1, g2, outsideSubgroup } from './trapdoor.js';

type G1Json = SnarkjsProof['pi_a'];
type G2Json = SnarkjsProof['pi_b'];
type Mutation = (given: Case) => Case;

const q = bn254.fields.Fp.ORDER;
const anyPoint = { a: g1(1n), b: g2(1n), c: g1(1n) };
const g1Json = (scalar: bigint): G1Json => proofToSnarkjs({ ...anyPoint, a: g1(scalar) }).pi_a;
const g2Json = (scalar: bigint): G2Json => proofToSnarkjs({ ...anyPoint, b: g2(scalar) }).pi_b;
const negative = (decimal: string): string => ((q - BigInt(decimal)) % q).toString();
const next = (decimal: string): string => ((BigInt(decimal) + 1n) % q).toString();

const negateG1 = ([x, y, z]: G1Json): G1Json => [x, negative(y), z];
const negateG2 = ([x, [y0, y1], z]: G2Json): G2Json => [x, [negative(y0), negative(y1)], z];
const bendG1 = ([x, y, z]: G1Json): G1Json => [x, next(y), z];
const bendG2 = ([x, [y0, y1], z]: G2Json): G2Json => [x, [y0, next(y1)], z];

const outside = [1n, 10n ** 20n, 10n ** 50n].map(
  (start) => proofToSnarkjs({ ...anyPoint, b: outsideSubgroup(start) }).pi_b,
);
const infinityG1 = ['0', '1', '0'] as unknown as G1Json;
const infinityG2 = [
  ['0', '0'],
  ['1', '0'],
  ['0', '0'],
] as unknown as G2Json;

const scalar = fc.bigInt({ min: 1n, max: fieldOrder - 1n });
const changeG1: fc.Arbitrary<(point: G1Json) => G1Json> = fc.oneof(
  fc.constant(negateG1),
  fc.constant(bendG1),
  fc.constant(() => infinityG1),
  scalar.map((x) => () => g1Json(x)),
);
const changeG2: fc.Arbitrary<(point: G2Json) => G2Json> = fc.oneof(
  fc.constant(negateG2),
  fc.constant(bendG2),
  fc.constant(() => infinityG2),
  fc.constantFrom(...outside).map((point) => () => point),
  scalar.map((x) => () => g2Json(x)),
);

const onProof = (change: (proof: SnarkjsProof) => SnarkjsProof): Mutation => {
  return (given) => ({ ...given, proof: change(given.proof) });
};
const onKey = (change: (key: SnarkjsKey) => SnarkjsKey): Mutation => {
  return (given) => ({ ...given, key: change(given.key) });
};
const onInputs = (change: (inputs: readonly string[]) => readonly string[]): Mutation => {
  return (given) => ({ ...given, inputs: change(given.inputs) });
};

/** Changed points of the proof. */
const points: fc.Arbitrary<Mutation> = fc.oneof(
  changeG1.map((f) => onProof((proof) => ({ ...proof, pi_a: f(proof.pi_a) }))),
  changeG2.map((f) => onProof((proof) => ({ ...proof, pi_b: f(proof.pi_b) }))),
  changeG1.map((f) => onProof((proof) => ({ ...proof, pi_c: f(proof.pi_c) }))),
  fc.constant(onProof((proof) => ({ ...proof, pi_a: proof.pi_c, pi_c: proof.pi_a }))),
);

/** Points, proofs and keys that belong to something else. */
const foreign: fc.Arbitrary<Mutation> = fc.oneof(
  fc.constantFrom(...vector.statements).chain(({ proof: other }) =>
    fc.constantFrom(
      onProof(() => other),
      onProof((proof) => ({ ...proof, pi_a: other.pi_a })),
      onProof((proof) => ({ ...proof, pi_b: other.pi_b })),
      onProof((proof) => ({ ...proof, pi_c: other.pi_c })),
    ),
  ),
  fc.constantFrom(...vector.other.statements).map(({ proof }) => onProof(() => proof)),
  fc.constant(onKey(() => vector.other.key)),
);

const place = fc.nat(6);
/** Changed, swapped, missing and surplus public inputs; most have numbers that are no field elements. */
const inputs: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, place).map(([i, j]) => onInputs((xs) => xs.with(i, xs[j]!).with(j, xs[i]!))),
  fc
    .tuple(place, fc.constantFrom(1n, -1n, fieldOrder, 2n * fieldOrder, -fieldOrder, 2n ** 256n))
    .map(([i, by]) => onInputs((xs) => xs.with(i, (BigInt(xs[i]!) + by).toString()))),
  fc.tuple(place, scalar).map(([i, x]) => onInputs((xs) => xs.with(i, x.toString()))),
  fc.integer({ min: 0, max: 6 }).map((count) => onInputs((xs) => xs.slice(0, count))),
  fc.constantFrom('0', '1').map((x) => onInputs((xs) => [...xs, x])),
  fc.constant(onInputs((xs) => [...xs].reverse())),
);

/** Changed elements of the key. */
const keys: fc.Arbitrary<Mutation> = fc.oneof(
  changeG1.map((f) => onKey((key) => ({ ...key, vk_alpha_1: f(key.vk_alpha_1) }))),
  changeG2.map((f) => onKey((key) => ({ ...key, vk_beta_2: f(key.vk_beta_2) }))),
  changeG2.map((f) => onKey((key) => ({ ...key, vk_gamma_2: f(key.vk_gamma_2) }))),
  changeG2.map((f) => onKey((key) => ({ ...key, vk_delta_2: f(key.vk_delta_2) }))),
  fc
    .tuple(fc.nat(7), changeG1)
    .map(([i, f]) => onKey((key) => ({ ...key, IC: key.IC.with(i, f(key.IC[i]!)) }))),
  fc
    .tuple(fc.nat(7), fc.nat(7))
    .map(([i, j]) =>
      onKey((key) => ({ ...key, IC: key.IC.with(i, key.IC[j]!).with(j, key.IC[i]!) })),
    ),
  fc.constant(onKey((key) => ({ ...key, vk_gamma_2: key.vk_delta_2 }))),
  fc.constant(onKey((key) => ({ ...key, vk_gamma_2: key.vk_delta_2, vk_delta_2: key.vk_gamma_2 }))),
);

/** Other true proofs of the same statement: (kA, B/k, C) and (A, B + kδ, C + kA). */
const malleated: fc.Arbitrary<Mutation> = scalar.chain((k) =>
  fc.constantFrom(
    onProof((json) => {
      const { a, b, c } = proofFromSnarkjs(json);
      const inverse = bn254.fields.Fr.inv(k);
      return proofToSnarkjs({ a: a.multiplyUnsafe(k), b: b.multiplyUnsafe(inverse), c });
    }),
    onProof((json) => {
      const { a, b, c } = proofFromSnarkjs(json);
      return proofToSnarkjs({
        a,
        b: b.add(key.delta.multiplyUnsafe(k)),
        c: c.add(a.multiplyUnsafe(k)),
      });
    }),
  ),
);

/** Only statements without a public input of 0, for which snarkjs does not look at the point of IC. */
const honest = [0, 4, 5, 6].map((i): Case => ({ key: vector.key, ...vector.statements[i]! }));

/** An honest proof with one change. */
export const mutated: fc.Arbitrary<Case> = fc
  .tuple(
    fc.constantFrom(...honest),
    fc.oneof(
      { weight: 6, arbitrary: points },
      { weight: 3, arbitrary: foreign },
      { weight: 6, arbitrary: inputs },
      { weight: 3, arbitrary: keys },
      { weight: 1, arbitrary: malleated },
    ),
  )
  .map(([given, mutation]) => mutation(given));
