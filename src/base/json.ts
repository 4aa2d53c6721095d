import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';

import { equalBytes, utf8ToBytes } from './bytes.js';
import { InputError } from './errors.js';

/** The JSON that veilmark writes: no floats, no null inside signed bytes. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

/**
 * Pattern of text that a program may print as it is: no control characters and none that turn the direction of writing,
 * with which a hostile name could forge the lines of a report around it.
 */
export const printable = '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$';

/**
 * Canonical JSON: RFC 8785 restricted to strings, booleans, safe integers, arrays and objects. One value has one
 * spelling, so a reader in any language sees what the signer saw. Throws `InputError` `encoding.json`.
 */
export function canonicalJson(value: Json): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) fail('a string holds a lone surrogate');
      return JSON.stringify(value);
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) fail(`${value} is no safe integer`);
      return JSON.stringify(value);
    default: {
      // Not a value of the type, but of JSON: a schema that takes anything lets it through.
      if ((value as unknown) === null) fail('null');
      if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      const members = Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`);
      return `{${members.join(',')}}`;
    }
  }
}

function isArray(value: readonly Json[] | object): value is readonly Json[] {
  return Array.isArray(value);
}

function fail(message: string): never {
  throw new InputError({ code: 'encoding.json', message });
}

/** UTF-8 bytes of the canonical JSON of a value. */
export function canonicalBytes(value: Json): Uint8Array {
  return utf8ToBytes(canonicalJson(value));
}

/**
 * Parses bytes that must be the canonical JSON of a value of `schema`. Every field that does not fit is reported with
 * its name, what was expected, and what came. Throws `InputError` with `code`.
 */
export function parseCanonical<T extends TSchema>({
  bytes,
  schema,
  what,
  code,
}: {
  bytes: Uint8Array;
  schema: T;
  /** The thing's name in messages, e.g. "commitment file". */
  what: string;
  code: string;
}): Static<T> {
  const problem = (message: string): never => {
    throw new InputError({ code, message: `${what}: ${message}` });
  };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    return problem(`not JSON (${(error as Error).message})`);
  }
  const checked = checkSchema({ value, schema, what, code });
  if (!isCanonical(checked, bytes)) {
    return problem('not in canonical form (order of keys, white space, escapes or repeated keys)');
  }
  return checked;
}

/** A value with a number or a string that canonical JSON does not have is not in canonical form either. */
function isCanonical(value: Json, bytes: Uint8Array): boolean {
  try {
    return equalBytes(canonicalBytes(value), bytes);
  } catch (error) {
    // Thousands of brackets in one another: what cannot be written was not written so.
    if (error instanceof InputError || error instanceof RangeError) return false;
    throw error;
  }
}

/** Checks a value against a schema and reports every bad field. Throws `InputError` with `code`. */
export function checkSchema<T extends TSchema>({
  value,
  schema,
  what,
  code,
  hint,
}: {
  value: unknown;
  schema: T;
  what: string;
  code: string;
  /** What to do about a value that is none. */
  hint?: string;
}): Static<T> {
  if (Check(schema, value)) return value;
  const lines = Errors(schema, value)
    .slice(0, 8)
    .map(({ instancePath, message }) =>
      cut(`${instancePath || 'the whole'} ${message}${shown(value, instancePath)}`),
    );
  throw new InputError({ code, message: `${what}: ${lines.join('; ')}`, hint });
}

/** The names of a hostile value's members may be as long as the whole of it. */
function cut(line: string): string {
  return line.length > 300 ? `${line.slice(0, 300).toWellFormed()}…` : line;
}

/** A short form of what stands at a JSON pointer; lists and objects by name only, as a hostile one may be very deep. */
function shown(value: unknown, path: string): string {
  let at = value;
  for (const key of path.split('/').slice(1)) {
    at = (at as Record<string, unknown> | undefined)?.[key];
  }
  if (at === undefined) return '';
  if (Array.isArray(at)) return `, got a list of ${at.length}`;
  if (typeof at === 'object' && at !== null) return ', got an object';
  const text = JSON.stringify(at);
  return `, got ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
