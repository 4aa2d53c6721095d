import { Type, type Static } from 'typebox';

import { bytesToHex, InputError } from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import type { NamedArray } from './engine.js';

/** Name and shape of an array whose numbers lie elsewhere. */
export const ArrayHeader = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    shape: Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 }), { maxItems: 8 }),
  },
  { additionalProperties: false },
);
export type ArrayHeader = Static<typeof ArrayHeader>;

/** Names and shapes, in order. */
export function headersOf(arrays: readonly NamedArray[]): ArrayHeader[] {
  return arrays.map(({ name, shape }) => ({ name, shape: [...shape] }));
}

/** The numbers of arrays one after another, each as 4 little-endian bytes of IEEE 754. */
export function packArrays(arrays: readonly NamedArray[]): Uint8Array {
  const total = arrays.reduce((sum, { data }) => sum + data.length, 0);
  const bytes = new Uint8Array(4 * total);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { data } of arrays) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

/** Puts the numbers back under their names. Throws `InputError` with `code` if they are too few or too many. */
export function unpackArrays(
  headers: readonly ArrayHeader[],
  bytes: Uint8Array,
  { what, code }: { what: string; code: string },
): NamedArray[] {
  const wanted = headers.reduce((sum, { shape }) => sum + 4 * elements(shape), 0);
  if (wanted !== bytes.length) {
    throw new InputError({
      code,
      message: `${what} should hold ${wanted} bytes of numbers, got ${bytes.length}`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 0;
  return headers.map(({ name, shape }) => {
    const data = new Float32Array(elements(shape));
    for (let i = 0; i < data.length; i++, at += 4) data[i] = view.getFloat32(at, true);
    return { name, shape, data };
  });
}

/** SHA-256 of names, shapes and numbers, in hexadecimal. */
export function arraysDigest(arrays: readonly NamedArray[]): string {
  const fields = arrays.flatMap(({ name, shape, data }) => [
    name,
    shape.join('x'),
    packArrays([{ name, shape, data }]),
  ]);
  return bytesToHex(taggedHash('veilmark/arrays/1', fields));
}

/** The first array that holds a NaN or an infinity, if any. */
export function firstNotFinite(arrays: readonly NamedArray[]): string | undefined {
  return arrays.find(({ data }) => !data.every(Number.isFinite))?.name;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
