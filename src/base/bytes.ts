import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

import { InputError } from './errors.js';

export { bytesToHex, concatBytes, utf8ToBytes };

/** Decodes lower-case hexadecimal of exactly `length` bytes. Throws `InputError` `encoding.hex`. */
export function hexBytes(text: string, length: number): Uint8Array {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) {
    throw new InputError({
      code: 'encoding.hex',
      message: `expected ${length} bytes of lower-case hexadecimal, got ${JSON.stringify(text.slice(0, 80))}`,
    });
  }
  return hexToBytes(text);
}

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Standard base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x2000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x2000));
  }
  return btoa(binary);
}

/**
 * Decodes canonical base64: no white space, padded, unused bits zero, so that one byte string has one spelling.
 * Throws `InputError` `encoding.base64`.
 */
export function fromBase64(text: string): Uint8Array {
  const fail = (): never => {
    throw new InputError({ code: 'encoding.base64', message: 'expected canonical base64' });
  };
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) fail();
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (padding > 0) {
    const last = base64Alphabet.indexOf(text.charAt(text.length - padding - 1));
    if ((last & (padding === 2 ? 0b1111 : 0b11)) !== 0) fail();
  }
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The big-endian `length`-byte form of a non-negative integer. */
export function bigEndian(value: bigint | number, length: number): Uint8Array {
  let rest = BigInt(value);
  const bytes = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  if (rest !== 0n) {
    throw new InputError({
      code: 'encoding.integer',
      message: `${value} does not fit ${length} bytes`,
    });
  }
  return bytes;
}

/** The integer whose big-endian form is `bytes`. */
export function bigEndianToInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`);
}

/** A field of a frame: text stands for its UTF-8 bytes, an integer for its 8 big-endian bytes. */
export type FrameField = Uint8Array | string | number;

/**
 * The length-prefixed concatenation of fields: each field as 8 big-endian bytes of its length, then its bytes. Two
 * different lists of fields never give the same frame. Every byte hash and signature of veilmark is over a frame whose
 * first field is a domain tag. Throws `InputError` `encoding.text` for text that has no UTF-8 form.
 */
export function frame(fields: readonly FrameField[]): Uint8Array {
  return concatBytes(
    ...fields.flatMap((field) => {
      const bytes = fieldBytes(field);
      return [bigEndian(bytes.length, 8), bytes];
    }),
  );
}

function fieldBytes(field: FrameField): Uint8Array {
  if (typeof field === 'number') return bigEndian(field, 8);
  if (typeof field !== 'string') return field;
  // Every lone surrogate would become the same three bytes.
  if (!field.isWellFormed()) {
    throw new InputError({ code: 'encoding.text', message: 'a text holds a lone surrogate' });
  }
  return utf8ToBytes(field);
}

/** Whether two byte strings are the same (not constant-time: for public values). */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
