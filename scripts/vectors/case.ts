/** A value that must be refused: what was changed, the input, and the code of the error. */
export interface Refused {
  readonly name: string;
  readonly code: string;
}

/** Bytes in a vector file: as text where they are UTF-8 without control characters but line feeds, else as hex. */
export type BytesInVector = { readonly text: string } | { readonly hex: string };

export function bytesInVector(bytes: Uint8Array): BytesInVector {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  const isText = Buffer.from(text).equals(buffer) && /^[\n\x20-\x7e]*$/.test(text);
  return isText ? { text } : { hex: buffer.toString('hex') };
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Bytes that the vectors use where veilmark uses secrets: a name, then its number of bytes. */
export { Shake } from '../../test/twin/bytes.js';
