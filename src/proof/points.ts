import type { Fp2 } from '@noble/curves/abstract/tower.js';
import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { bn254 } from '@noble/curves/bn254.js';

import { bigEndian, bigEndianToInteger, concatBytes, EvidenceError } from '../base/index.js';

/** A point of BN254 over F_q: y² = x³ + 3. All of its points have the prime order r. */
export type G1 = WeierstrassPoint<bigint>;

/** A point of the twist over F_q²: y² = x³ + 3/(9 + u). Only a subgroup of it has the order r. */
export type G2 = WeierstrassPoint<Fp2>;

/** Bytes of an encoded point of G1, and of G2. */
export const g1Bytes = 64;
export const g2Bytes = 128;

/** How a refusal names a point, and under which code. */
export interface PointLabel {
  /** e.g. "A of the proof". */
  readonly name: string;
  readonly code: 'proof.point' | 'key.point';
}

const { Fp, Fp2: FpSquare } = bn254.fields;
const coordinateBytes = 32;

/** x || y, each 32 bytes big-endian (EIP-196). Infinity becomes zeros, which the decoder refuses. */
export function encodeG1(point: G1): Uint8Array {
  const { x, y } = point.toAffine();
  return encodeCoordinates([x, y]);
}

/** x.c1 || x.c0 || y.c1 || y.c0 for coordinates c0 + c1·u: the imaginary part first (EIP-197). */
export function encodeG2(point: G2): Uint8Array {
  const { x, y } = point.toAffine();
  return encodeCoordinates([x.c1, x.c0, y.c1, y.c0]);
}

/**
 * Reads a point of G1 from exactly 64 bytes. Throws `EvidenceError` with the label's code for another length, a
 * coordinate that is not below q, infinity, and what is not on the curve.
 */
export function decodeG1(bytes: Uint8Array, label: PointLabel): G1 {
  const [x = 0n, y = 0n] = decodeCoordinates(bytes, g1Bytes, label);
  const { b } = bn254.G1.Point.CURVE();
  const right = Fp.add(Fp.mul(Fp.sqr(x), x), b);
  if (!Fp.eql(Fp.sqr(y), right)) refuse(label, 'is not on the curve');
  return bn254.G1.Point.fromAffine({ x, y });
}

/**
 * Reads a point of G2 from exactly 128 bytes. Throws as `decodeG1` does, and for a point outside the subgroup of order
 * r: pairings are bilinear in that subgroup alone, so that nothing is proved by an equation with such a point.
 */
export function decodeG2(bytes: Uint8Array, label: PointLabel): G2 {
  const [x1 = 0n, x0 = 0n, y1 = 0n, y0 = 0n] = decodeCoordinates(bytes, g2Bytes, label);
  const x = FpSquare.fromBigTuple([x0, x1]);
  const y = FpSquare.fromBigTuple([y0, y1]);
  const { b } = bn254.G2.Point.CURVE();
  const right = FpSquare.add(FpSquare.mul(FpSquare.sqr(x), x), b);
  if (!FpSquare.eql(FpSquare.sqr(y), right)) refuse(label, 'is not on the curve');
  const point = bn254.G2.Point.fromAffine({ x, y });
  if (!point.isTorsionFree()) refuse(label, 'is outside the subgroup of prime order');
  return point;
}

function encodeCoordinates(coordinates: readonly bigint[]): Uint8Array {
  return concatBytes(...coordinates.map((coordinate) => bigEndian(coordinate, coordinateBytes)));
}

function decodeCoordinates(bytes: Uint8Array, length: number, label: PointLabel): bigint[] {
  if (bytes.length !== length) refuse(label, `has ${bytes.length} bytes instead of ${length}`);
  const coordinates: bigint[] = [];
  for (let start = 0; start < length; start += coordinateBytes) {
    const coordinate = bigEndianToInteger(bytes.subarray(start, start + coordinateBytes));
    // x and x + q are one coordinate with two spellings.
    if (coordinate >= Fp.ORDER) refuse(label, 'has a coordinate that is not below q');
    coordinates.push(coordinate);
  }
  if (coordinates.every((coordinate) => coordinate === 0n)) {
    refuse(label, 'is the point at infinity');
  }
  return coordinates;
}

function refuse({ name, code }: PointLabel, problem: string): never {
  throw new EvidenceError({ code, message: `${name} ${problem}` });
}
