import { bn254 } from '@noble/curves/bn254.js';

import { bigEndian, concatBytes } from '../../base/index.js';
import { decodeG1, decodeG2, type G1, type G2, type PointLabel } from '../points.js';

const { Fp } = bn254.fields;

/** The prime of BN254's coordinates. */
export const coordinatePrime = Fp.ORDER;
const q = coordinatePrime;

/** zkey files hold x · 2^256 for a coordinate x. */
const radix = (1n << 256n) % q;
const inverseRadix = Fp.inv(radix);
const coordinateBytes = 32;

/** The 32-byte little-endian number at a place. */
export function littleEndianToInteger(bytes: Uint8Array, at: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, coordinateBytes);
  let value = 0n;
  for (let word = 3; word >= 0; word--) {
    value = (value << 64n) | view.getBigUint64(8 * word, true);
  }
  return value;
}

/** Reads a point of G1 as a zkey holds it. Throws as `decodeG1` does. */
export function g1FromZkey(bytes: Uint8Array, label: PointLabel): G1 {
  return decodeG1(concatBytes(...coordinates(bytes)), label);
}

/** Reads a point of G2 as a zkey holds it, the real parts first. Throws as `decodeG2` does. */
export function g2FromZkey(bytes: Uint8Array, label: PointLabel): G2 {
  const [x0, x1, y0, y1] = coordinates(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return decodeG2(concatBytes(x1, x0, y1, y0), label);
}

/** A number that is not below q stays one: the decoder refuses it as a second spelling. */
function coordinates(bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += coordinateBytes) {
    const value = littleEndianToInteger(bytes, at);
    out.push(bigEndian(value < q ? (value * inverseRadix) % q : value, coordinateBytes));
  }
  return out;
}

const three = (3n * radix) % q;

/**
 * The first of many points of G1 that is no point: not on y² = x³ + 3, or a coordinate not below q. Infinity, 64 bytes of
 * zeros, stands for signals that occur nowhere. In Montgomery form the equation is Y²·2^256 = X³ + 3·2^768.
 */
export function firstNotOnCurve(points: Uint8Array): number | undefined {
  const constant = (((three * radix) % q) * radix) % q;
  for (let at = 0; at < points.length; at += 2 * coordinateBytes) {
    const x = littleEndianToInteger(points, at);
    const y = littleEndianToInteger(points, at + coordinateBytes);
    if (x === 0n && y === 0n) continue;
    const isOn = (((y * y) % q) * radix - (((x * x) % q) * x + constant)) % q === 0n;
    if (x >= q || y >= q || !isOn) return at / (2 * coordinateBytes);
  }
  return undefined;
}
