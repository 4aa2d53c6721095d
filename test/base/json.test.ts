import { expect } from 'chai';
import fc from 'fast-check';
import { Type } from 'typebox';

import {
  canonicalBytes,
  canonicalJson,
  checkSchema,
  InputError,
  type Json,
  parseCanonical,
  utf8ToBytes,
} from '../../src/base/index.js';
import { coded } from '../coded.js';
import { bytesOf, vectors } from '../support/vectors.js';
import { canonical } from '../twin/bytes.js';

const Flat = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Integer(), Type.Boolean(), Type.Array(Type.Integer())]),
);
const parse = (bytes: Uint8Array) =>
  parseCanonical({ bytes, schema: Flat, what: 'vector', code: 'encoding.json' });

const text = fc.string({ unit: 'binary' });
const values = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.maxSafeInteger().map((value) => value + 0),
    fc.boolean(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(text, tie('json'), { maxKeys: 4 }),
  ),
})).json;

describe('canonical JSON', () => {
  const { valid, invalid } = vectors('canonical-json');

  it('takes the valid vectors and writes them back', () => {
    for (const vector of valid) {
      const bytes = bytesOf(vector);
      expect(canonicalBytes(parse(bytes))).to.deep.equal(bytes);
    }
  });

  for (const vector of invalid) {
    it(`refuses ${vector.name}`, () => coded(vector.code, () => parse(bytesOf(vector))));
  }

  it('is what the twin writes, and reads back as it was', () => {
    fc.assert(
      fc.property(values, (value) => {
        const written = canonicalJson(value);
        expect(written).to.equal(canonical(value));
        expect(canonicalJson(JSON.parse(written) as Json)).to.equal(written);
      }),
    );
  });

  it('has no form for lone surrogates, fractions, minus zero and large numbers', async () => {
    for (const value of ['\ud800', 'a\udc00', 0.5, -0, NaN, Infinity, 2 ** 53]) {
      await coded('encoding.json', () => canonicalJson([value]));
    }
  });

  it('keeps members that are named like parts of JavaScript', () => {
    const json = '{"__proto__":1,"constructor":2,"toString":3}';
    expect(canonicalJson(parse(utf8ToBytes(json)))).to.equal(json);
  });
});

describe('parsing against a schema', () => {
  const schema = Type.Object(
    { count: Type.Integer(), name: Type.String() },
    { additionalProperties: false },
  );
  const read = (json: string) =>
    parseCanonical({ bytes: utf8ToBytes(json), schema, what: 'thing', code: 'thing.format' });

  it('names every bad field, what was expected and what came', async () => {
    const error = await coded('thing.format', () => read('{"count":"3","name":4}'));
    expect(error.message)
      .to.match(/count.*integer.*"3"/)
      .and.to.match(/name.*string.*4/);
  });

  it('refuses members that a prototype could hide', async () => {
    await coded('thing.format', () => read('{"__proto__":{"count":1},"count":1,"name":""}'));
    await coded('thing.format', () => read('{"name":"x","valueOf":1}'));
  });

  it('gives its own code for numbers and texts that canonical JSON does not have', async () => {
    await coded('thing.format', () => read('{"count":-0,"name":""}'));
    await coded('thing.format', () => read('{"count":1e300,"name":""}'));
    await coded('thing.format', () => read('{"count":1,"name":"\\ud800"}'));
  });

  it('survives any depth of nesting, and quotes little of what came', async () => {
    for (const deep of ['['.repeat(300_000), `${'['.repeat(300_000)}${']'.repeat(300_000)}`]) {
      const error = await coded('thing.format', () => read(deep));
      expect(error.message.length).to.be.below(300);
      await coded('thing.format', () => read(`{"count":${deep},"name":""}`));
    }
    const long = await coded('thing.format', () =>
      read(`{"count":"${'x'.repeat(1e6)}","name":""}`),
    );
    expect(long.message.length).to.be.below(300);
    const name = await coded('thing.format', () =>
      read(`{"count":1,"${'x'.repeat(1e6)}":2,"name":""}`),
    );
    expect(name.message.length).to.be.below(400);
  });

  it('gives a coded error for any bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8ToBytes)), (bytes) => {
        try {
          parseCanonical({ bytes, schema, what: 'thing', code: 'thing.format' });
        } catch (error) {
          expect(error).to.be.instanceOf(InputError).and.to.include({ code: 'thing.format' });
        }
      }),
    );
  });

  it('checks values that come from elsewhere', async () => {
    expect(checkSchema({ value: { count: 1, name: '' }, schema, what: 'x', code: 'x.y' })).to.be.ok;
    for (const value of [null, undefined, [], 'x', { count: null, name: '' }]) {
      await coded('x.y', () => checkSchema({ value, schema, what: 'x', code: 'x.y' }));
    }
  });
});
