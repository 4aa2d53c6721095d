import type { Static, TSchema } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  InputError,
  type Json,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';

/** Length of the line with the digest, and of the line end before it. */
const endLength = 66;

/** A kind of file of the owner's memory: a first line, canonical JSON, a digest against accidents. */
export interface CheckedJson<T extends TSchema> {
  readonly firstLine: string;
  readonly digestTag: string;
  readonly schema: T;
  /** The file's name in messages. */
  readonly what: string;
  /** The code of a file that is none, or that was damaged. */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string;
}

export function encodeChecked<T extends TSchema>(kind: CheckedJson<T>, value: Json): Uint8Array {
  const body = canonicalBytes(value);
  return concatBytes(utf8ToBytes(kind.firstLine), body, digestLine(kind, body));
}

/** Whether bytes start as a file of this kind does. */
export function isChecked<T extends TSchema>(
  { firstLine }: CheckedJson<T>,
  file: Uint8Array,
): boolean {
  return equalBytes(file.subarray(0, firstLine.length), utf8ToBytes(firstLine));
}

/** Reads a file of this kind. Throws `InputError` with its code. */
export function decodeChecked<T extends TSchema>(
  kind: CheckedJson<T>,
  file: Uint8Array,
): Static<T> {
  const { firstLine, schema, what, code, hint } = kind;
  const bytes = file.subarray(firstLine.length, -endLength);
  if (!isChecked(kind, file) || !equalBytes(file.subarray(-endLength), digestLine(kind, bytes))) {
    throw new InputError({ code, message: `the ${what} is damaged`, hint });
  }
  return parseCanonical({ bytes, schema, what, code });
}

function digestLine<T extends TSchema>(
  { digestTag }: CheckedJson<T>,
  body: Uint8Array,
): Uint8Array {
  return utf8ToBytes(`\n${bytesToHex(taggedHash(digestTag, [body]))}\n`);
}
