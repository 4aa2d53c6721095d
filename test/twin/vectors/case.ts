/** Bytes in a vector file: as text where they are UTF-8 without control characters other than line feeds, else as hex. */
export type BytesInVector = { readonly text: string } | { readonly hex: string };

export function bytesInVector(bytes: Uint8Array): BytesInVector {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  const isText = Buffer.from(text).equals(buffer) && !/[^\n\P{Cc}]/u.test(text);
  return isText ? { text } : { hex: buffer.toString('hex') };
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
