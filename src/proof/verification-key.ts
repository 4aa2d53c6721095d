import { Type } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  EvidenceError,
  hexBytes,
  InputError,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import {
  decodeG1,
  decodeG2,
  encodeG1,
  encodeG2,
  type G1,
  g1Bytes,
  type G2,
  g2Bytes,
} from './points.js';

/** What a verification key says, before it has a file. Names of eprint 2016/260 section 3.2. */
export interface VerificationKeyFields {
  /** The circuit with its sizes, as `circuits/circuits.json` names it. */
  readonly instance: string;
  /** `dev`: whoever made it can prove anything. `ceremony`: only all contributors together can. */
  readonly stamp: 'dev' | 'ceremony';
  /** SHA-512 of the circuit's r1cs file, 64 bytes. */
  readonly r1cs: Uint8Array;
  readonly alpha: G1;
  readonly beta: G2;
  readonly gamma: G2;
  readonly delta: G2;
  /** One point for the constant 1, then one for each public input. */
  readonly ic: readonly G1[];
}

/** A verification key whose file has been read and whose points have been checked. */
export interface VerificationKey extends VerificationKeyFields {
  /** The exact file. */
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

/** Most public inputs of a circuit. */
export const maxPublicInputs = 5000;

/** Largest verification key file that is read, in bytes. */
export const maxVerificationKeyBytes = 2 ** 20;

const firstLine = 'veilmark/verification-key/1\n';
const digestTag = 'veilmark/verification-key-digest/1';
const r1csBytes = 64;

const hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
const Body = Type.Object(
  {
    alpha: hex(g1Bytes),
    beta: hex(g2Bytes),
    delta: hex(g2Bytes),
    gamma: hex(g2Bytes),
    ic: Type.Array(hex(g1Bytes), { minItems: 1, maxItems: maxPublicInputs + 1 }),
    instance: Type.String({ pattern: '^[a-z0-9-]{1,100}$' }),
    r1cs: hex(r1csBytes),
    stamp: Type.Union([Type.Literal('dev'), Type.Literal('ceremony')]),
  },
  { additionalProperties: false },
);

const decoded = new WeakSet<VerificationKey>();

/** Whether a key came out of `decodeVerificationKey`; a copy or an edited one did not. */
export function isDecodedKey(key: VerificationKey): boolean {
  return decoded.has(key);
}

/** The key's file: a first line, a line of canonical JSON. Checks nothing: the reader does. */
export function encodeVerificationKey(fields: VerificationKeyFields): Uint8Array {
  const body = canonicalBytes({
    alpha: bytesToHex(encodeG1(fields.alpha)),
    beta: bytesToHex(encodeG2(fields.beta)),
    delta: bytesToHex(encodeG2(fields.delta)),
    gamma: bytesToHex(encodeG2(fields.gamma)),
    ic: fields.ic.map((point) => bytesToHex(encodeG1(point))),
    instance: fields.instance,
    r1cs: bytesToHex(fields.r1cs),
    stamp: fields.stamp,
  });
  return concatBytes(utf8ToBytes(firstLine), body, utf8ToBytes('\n'));
}

/** The name by which proofs and reports refer to a verification key file. 32 bytes. */
export function verificationKeyDigest(file: Uint8Array): Uint8Array {
  return taggedHash(digestTag, [file]);
}

/**
 * Reads a verification key file. Throws `InputError` `key.format`, `EvidenceError` `key.point` for a point that
 * `decodeG1` or `decodeG2` refuses, `EvidenceError` `key.degenerate` for γ = ±δ.
 */
export function decodeVerificationKey(file: Uint8Array): VerificationKey {
  const code = 'key.point';
  const body = parseCanonical({
    bytes: bodyOf(file),
    schema: Body,
    what: 'verification key file',
    code: 'key.format',
  });
  const g1 = (text: string, name: string) => decodeG1(hexBytes(text, g1Bytes), { name, code });
  const g2 = (text: string, name: string) => decodeG2(hexBytes(text, g2Bytes), { name, code });
  const key: VerificationKey = {
    instance: body.instance,
    stamp: body.stamp,
    r1cs: hexBytes(body.r1cs, r1csBytes),
    alpha: g1(body.alpha, 'alpha of the key'),
    beta: g2(body.beta, 'beta of the key'),
    gamma: g2(body.gamma, 'gamma of the key'),
    delta: g2(body.delta, 'delta of the key'),
    ic: body.ic.map((text, i) => g1(text, `ic[${i}] of the key`)),
    bytes: file,
    digest: verificationKeyDigest(file),
  };
  checkNotDegenerate(key);
  decoded.add(key);
  return key;
}

function bodyOf(file: Uint8Array): Uint8Array {
  const start = firstLine.length;
  const refuse = (message: string): never => {
    throw new InputError({ code: 'key.format', message });
  };
  if (file.length > maxVerificationKeyBytes) {
    refuse(
      `a verification key file has at most ${maxVerificationKeyBytes} bytes, got ${file.length}`,
    );
  }
  if (
    !equalBytes(file.subarray(0, start), utf8ToBytes(firstLine)) ||
    file.length <= start ||
    file.at(-1) !== 0x0a
  ) {
    refuse('not a verification key file, or it is truncated');
  }
  return file.subarray(start, -1);
}

/**
 * A key as snarkjs makes it before the first contribution has γ = δ. With δ = kγ and k known, A = α, B = β and
 * C = −(1/k)·(Σ xᵢ·ICᵢ) prove any public inputs.
 */
function checkNotDegenerate({ gamma, delta }: VerificationKeyFields): void {
  if (!gamma.equals(delta) && !gamma.equals(delta.negate())) return;
  throw new EvidenceError({
    code: 'key.degenerate',
    message:
      'gamma and delta of the key are the same up to sign: anyone can prove anything under it',
    hint: 'the setup was left without a contribution to its second phase; finish it',
  });
}
