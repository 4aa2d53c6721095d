/** Just enough affine arithmetic of edwards25519 to make signatures that an honest signer never makes. */
import { createHash } from 'node:crypto';

const q = 2n ** 255n - 19n;
export const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (x: bigint): bigint => ((x % q) + q) % q;

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

const inverse = (x: bigint): bigint => power(x, q - 2n);
const d = mod(-121665n * inverse(121666n));

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

export function add(a: Point, b: Point): Point {
  const product = mod(d * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

export function multiply(point: Point, scalar: bigint): Point {
  let [result, square]: [Point, Point] = [{ x: 0n, y: 1n }, point];
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, square);
    square = add(square, square);
  }
  return result;
}

/** x for a given y, with the low bit asked for (RFC 8032 section 5.1.3). */
export function decode(bytes: Uint8Array): Point {
  const number = littleEndian(bytes);
  const [y, bit] = [number & ((1n << 255n) - 1n), number >> 255n];
  const ratio = mod((y * y - 1n) * inverse(d * y * y + 1n));
  let x = power(ratio, (q + 3n) / 8n);
  if (mod(x * x - ratio) !== 0n) x = mod(x * power(2n, (q - 1n) / 4n));
  if (mod(x * x - ratio) !== 0n) throw new Error('not a point of the curve');
  return { x: (x & 1n) === bit ? x : mod(-x), y: mod(y) };
}

export function encode({ x, y }: Point): Buffer {
  return littleEndianBytes(y | ((x & 1n) << 255n));
}

export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

export function littleEndianBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

export const base = decode(littleEndianBytes(mod(4n * inverse(5n))));

/** A point of order 8, and with its multiples every point of small order. */
export const torsion = decode(
  Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex'),
);

/** The challenge scalar k of RFC 8032. */
export function challenge(r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  const digest = createHash('sha512').update(r).update(key).update(message).digest();
  return littleEndian(digest) % groupOrder;
}
