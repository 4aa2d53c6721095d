import { fieldOrder } from '../../crypto/index.js';
import type { Combination, R1cs } from '../circuits/index.js';
import { coefficientCount } from './zkey-size.js';

/** The prime of BN254's coordinates. */
const coordinatePrime =
  21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** What a Groth16 zkey of snarkjs holds. Points are affine, in Montgomery form, little-endian: 64 or 128 bytes each. */
export interface ZkeyParts {
  readonly r1cs: R1cs;
  readonly domain: number;
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
  /** Points of the constant and the public signals. */
  readonly ic: Uint8Array;
  /** Points of every signal. */
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
  /** Points of the private signals. */
  readonly c: Uint8Array;
  /** One point for each place of the domain. */
  readonly h: Uint8Array;
}

/** The bytes of a zkey file, version 1, that snarkjs proves with. */
export function encodeZkey(parts: ZkeyParts): Uint8Array {
  const { r1cs, domain } = parts;
  const header = joined(
    u32(32),
    littleEndian(coordinatePrime),
    u32(32),
    littleEndian(fieldOrder),
    u32(r1cs.signals, r1cs.publics, domain),
    ...[parts.alpha1, parts.beta1, parts.beta2, parts.gamma2, parts.delta1, parts.delta2],
  );
  const sections: [number, Uint8Array][] = [
    [1, u32(1)],
    [2, header],
    [3, parts.ic],
    [4, coefficients(r1cs)],
    [5, parts.a],
    [6, parts.b1],
    [7, parts.b2],
    [8, parts.c],
    [9, parts.h],
    // No circuit hash and no contributions: nobody took part.
    [10, joined(new Uint8Array(64), u32(0))],
  ];
  return joined(
    new TextEncoder().encode('zkey'),
    u32(1, sections.length),
    ...sections.flatMap(([id, bytes]) => [u32(id, bytes.length, 0), bytes]),
  );
}

/** The entries of A and B with the rows that make public signals independent; a coefficient x stands as x · 2^512. */
function coefficients(r1cs: R1cs): Uint8Array {
  const { constraints, publics } = r1cs;
  const count = coefficientCount(r1cs);
  const bytes = new Uint8Array(4 + 44 * count);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, count, true);
  const factor = (1n << 512n) % fieldOrder;
  const known = new Map<bigint, Uint8Array>();
  let at = 4;
  const add = (matrix: number, row: number, signal: number, value: bigint): void => {
    let scaled = known.get(value);
    if (!scaled) {
      scaled = littleEndian((value * factor) % fieldOrder);
      if (known.size < 100_000) known.set(value, scaled);
    }
    view.setUint32(at, matrix, true);
    view.setUint32(at + 4, row, true);
    view.setUint32(at + 8, signal, true);
    bytes.set(scaled, at + 12);
    at += 44;
  };
  const addAll = (matrix: number, row: number, { signals, coefficients }: Combination): void => {
    signals.forEach((signal, i) => {
      add(matrix, row, signal, coefficients[i] ?? 0n);
    });
  };
  constraints.forEach(([a, b], row) => {
    addAll(0, row, a);
    addAll(1, row, b);
  });
  for (let signal = 0; signal <= publics; signal++) add(0, constraints.length + signal, signal, 1n);
  return bytes;
}

function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  return bytes;
}

/** 32 little-endian bytes. */
export function littleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < 4; word++) {
    view.setBigUint64(8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true);
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
