import { sha512 } from '@noble/hashes/sha2.js';

import {
  bigEndian,
  bigEndianToInteger,
  bytesToHex,
  hexBytes,
  InputError,
  utf8ToBytes,
} from '../base/index.js';

/** The order of the BN254 scalar field F, in which commitments and circuits compute. */
export const fieldOrder =
  21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Whether an integer is the canonical form of a field element. */
export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < fieldOrder;
}

/** 32 big-endian bytes in hexadecimal, the form in which files show field elements. */
export function fieldToHex(element: bigint): string {
  return bytesToHex(fieldToBytes(element));
}

/** 32 big-endian bytes of a field element. */
export function fieldToBytes(element: bigint): Uint8Array {
  if (!isFieldElement(element)) throw notCanonical();
  return bigEndian(element, 32);
}

/** Parses 64 hexadecimal digits of a canonical field element. Throws `InputError` `encoding.field`. */
export function fieldFromHex(text: string): bigint {
  const element = bigEndianToInteger(hexBytes(text, 32));
  if (!isFieldElement(element)) throw notCanonical();
  return element;
}

/** SHA-512 of the bytes as a big-endian integer mod p: within 2^-258 of uniform. */
export function hashToField(bytes: Uint8Array): bigint {
  return bytesToField(sha512(bytes));
}

/** 64 uniform bytes as a big-endian integer mod p: within 2^-258 of uniform. */
export function bytesToField(bytes: Uint8Array): bigint {
  if (bytes.length !== 64) {
    throw new InputError({ code: 'encoding.field', message: 'expected 64 uniform bytes' });
  }
  return bigEndianToInteger(bytes) % fieldOrder;
}

/** A domain tag, an ASCII string of at most 31 bytes, as a big-endian integer. */
export function tagToField(tag: string): bigint {
  if (tag.length === 0 || tag.length > 31 || !/^[\x21-\x7e]+$/.test(tag)) {
    throw new InputError({
      code: 'encoding.tag',
      message: `${JSON.stringify(tag)} is not a tag of 1 to 31 visible ASCII characters`,
    });
  }
  return bigEndianToInteger(utf8ToBytes(tag));
}

function notCanonical(): InputError {
  return new InputError({
    code: 'encoding.field',
    message: 'a number is not below the order of the BN254 scalar field',
  });
}
