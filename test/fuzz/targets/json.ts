import { Type } from 'typebox';

import { canonicalBytes, type Json, parseCanonical } from '../../../src/base/index.js';
import { type FuzzTarget, mustEncodeAs, text } from '../target.js';

const schema = Type.Object({
  any: Type.Unknown(),
  text: Type.Optional(Type.String({ maxLength: 9 })),
});

/** The canonical JSON parser, with a member that may be anything. */
export const json: FuzzTarget = {
  name: 'json',
  seeds: () =>
    [
      '{"any":[1,2,{"b":"\\u0000é😀"}],"text":"a"}',
      '{"any":""}',
      '{"any":-9007199254740991}',
      '{"any":{"":{}}}',
      '{"any":1.5}',
      '{"any":null}',
    ].map((line) => text.encode(line)),
  run: (input) => {
    const value = parseCanonical({ bytes: input, schema, what: 'input', code: 'fuzz.json' });
    mustEncodeAs(input, canonicalBytes(value as Json));
    return typeof value.any;
  },
};
