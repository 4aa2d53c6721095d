import { Type } from 'typebox';

import { bigEndian, checkSchema, concatBytes, InputError } from '../base/index.js';
import { decodeProof, type Groth16Proof } from './groth16-proof.js';
import { decodeG1, decodeG2, type G1, type G2, type PointLabel } from './points.js';
import {
  decodeVerificationKey,
  encodeVerificationKey,
  type VerificationKey,
  type VerificationKeyFields,
} from './verification-key.js';

const Decimal = Type.String({ pattern: '^(0|[1-9][0-9]{0,77})$' });
// The third coordinate of an affine point. snarkjs also reads other ones, and "0" for infinity.
const G1Json = Type.Tuple([Decimal, Decimal, Type.Literal('1')]);
const G2Json = Type.Tuple([
  Type.Tuple([Decimal, Decimal]),
  Type.Tuple([Decimal, Decimal]),
  Type.Tuple([Type.Literal('1'), Type.Literal('0')]),
]);
const protocol = Type.Literal('groth16');
const curve = Type.Literal('bn128');

const SnarkjsProofJson = Type.Object({ pi_a: G1Json, pi_b: G2Json, pi_c: G1Json, protocol, curve });
/** snarkjs also writes `vk_alphabeta_12`, which no verifier needs. */
const SnarkjsKeyJson = Type.Object({
  protocol,
  curve,
  nPublic: Type.Integer({ minimum: 0 }),
  vk_alpha_1: G1Json,
  vk_beta_2: G2Json,
  vk_gamma_2: G2Json,
  vk_delta_2: G2Json,
  IC: Type.Array(G1Json, { minItems: 1 }),
});

export type SnarkjsProof = Type.Static<typeof SnarkjsProofJson>;
export type SnarkjsKey = Type.Static<typeof SnarkjsKeyJson>;
type SnarkjsG1 = Type.Static<typeof G1Json>;
type SnarkjsG2 = Type.Static<typeof G2Json>;

const code = 'snarkjs.format';

/** Reads a proof as snarkjs writes it. Throws `InputError` `snarkjs.format`, `EvidenceError` `proof.point`. */
export function proofFromSnarkjs(json: unknown): Groth16Proof {
  const { pi_a, pi_b, pi_c } = checkSchema({
    value: json,
    schema: SnarkjsProofJson,
    what: 'snarkjs proof',
    code,
  });
  return decodeProof(concatBytes(g1FromSnarkjs(pi_a), g2FromSnarkjs(pi_b), g1FromSnarkjs(pi_c)));
}

/** A proof as snarkjs reads it. */
export function proofToSnarkjs({ a, b, c }: Groth16Proof): SnarkjsProof {
  return {
    pi_a: g1ToSnarkjs(a),
    pi_b: g2ToSnarkjs(b),
    pi_c: g1ToSnarkjs(c),
    protocol: 'groth16',
    curve: 'bn128',
  };
}

/**
 * Makes a verification key of one that snarkjs exported. Throws `InputError` `snarkjs.format`, and as
 * `decodeVerificationKey` does.
 */
export function keyFromSnarkjs(
  json: unknown,
  { instance, stamp, r1cs }: Pick<VerificationKeyFields, 'instance' | 'stamp' | 'r1cs'>,
): VerificationKey {
  const key = checkSchema({ value: json, schema: SnarkjsKeyJson, what: 'snarkjs key', code });
  if (key.IC.length !== key.nPublic + 1) {
    throw new InputError({
      code,
      message: `snarkjs key: ${key.nPublic} public inputs, but ${key.IC.length} points in IC`,
    });
  }
  const label = (name: string): PointLabel => ({ name: `${name} of the key`, code: 'key.point' });
  const g2 = (point: SnarkjsG2, name: string) => decodeG2(g2FromSnarkjs(point), label(name));
  const fields: VerificationKeyFields = {
    instance,
    stamp,
    r1cs,
    alpha: decodeG1(g1FromSnarkjs(key.vk_alpha_1), label('alpha')),
    beta: g2(key.vk_beta_2, 'beta'),
    gamma: g2(key.vk_gamma_2, 'gamma'),
    delta: g2(key.vk_delta_2, 'delta'),
    ic: key.IC.map((point, i) => decodeG1(g1FromSnarkjs(point), label(`ic[${i}]`))),
  };
  return decodeVerificationKey(encodeVerificationKey(fields));
}

/** A key as snarkjs's verifier reads it. */
export function keyToSnarkjs(key: VerificationKeyFields): SnarkjsKey {
  return {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: key.ic.length - 1,
    vk_alpha_1: g1ToSnarkjs(key.alpha),
    vk_beta_2: g2ToSnarkjs(key.beta),
    vk_gamma_2: g2ToSnarkjs(key.gamma),
    vk_delta_2: g2ToSnarkjs(key.delta),
    IC: key.ic.map(g1ToSnarkjs),
  };
}

function g1ToSnarkjs(point: G1): SnarkjsG1 {
  const { x, y } = point.toAffine();
  return [x.toString(), y.toString(), '1'];
}

/** snarkjs writes the real part first, EIP-197 the imaginary one. */
function g2ToSnarkjs(point: G2): SnarkjsG2 {
  const { x, y } = point.toAffine();
  return [
    [x.c0.toString(), x.c1.toString()],
    [y.c0.toString(), y.c1.toString()],
    ['1', '0'],
  ];
}

function g1FromSnarkjs([x, y]: SnarkjsG1): Uint8Array {
  return concatBytes(coordinate(x), coordinate(y));
}

function g2FromSnarkjs([[x0, x1], [y0, y1]]: SnarkjsG2): Uint8Array {
  return concatBytes(coordinate(x1), coordinate(x0), coordinate(y1), coordinate(y0));
}

/** 32 bytes, or `InputError` `snarkjs.format` for a number that has more. */
function coordinate(decimal: string): Uint8Array {
  const value = BigInt(decimal);
  if (value >> 256n !== 0n) {
    throw new InputError({ code, message: 'a coordinate has more than 32 bytes' });
  }
  return bigEndian(value, 32);
}
