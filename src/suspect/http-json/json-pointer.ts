import { InputError } from '../../base/index.js';

/** A parsed JSON Pointer: the names from the root on. */
export type JsonPointer = readonly string[];

/** Deepest place that a pointer of ours names. */
const mostNames = 32;

/** Parses a JSON Pointer (RFC 6901 section 3): empty, or `/` and a name for each level. Throws `InputError` `suspect.config`. */
export function parsePointer(text: string): JsonPointer {
  const [first, ...names] = text.split('/');
  if (first !== '' || /~(?![01])/.test(text) || names.length > mostNames) {
    throw new InputError({
      code: 'suspect.config',
      message: `${JSON.stringify(text.slice(0, 200))} is no JSON Pointer of at most ${mostNames} names`,
      hint: 'write e.g. /predictions/0/label; "/" in a name is ~1, "~" is ~0',
    });
  }
  return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a place (RFC 6901 section 4), `undefined` where there is none. Only the document's own members are seen. */
export function valueAt(document: unknown, pointer: JsonPointer): unknown {
  let at = document;
  for (const name of pointer) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at) && !/^(0|[1-9]\d{0,8})$/.test(name)) return undefined;
    if (!Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}
