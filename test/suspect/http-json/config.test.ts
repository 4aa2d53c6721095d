import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';

import { expect } from 'chai';
import fc from 'fast-check';

import { packagePath } from '../../../src/files/index.js';
import { parseHttpJson, parsePointer, valueAt } from '../../../src/suspect/index.js';
import { fill, formsOf } from '../../../src/suspect/http-json/template.js';
import { coded } from '../../coded.js';

const sound = {
  url: 'http://127.0.0.1/x',
  body: { $image: 'base64' },
  answer: { label: '/label' },
};
const parse = (config: unknown) => parseHttpJson(Buffer.from(JSON.stringify(config)));

describe('the settings of the generic HTTP adapter', () => {
  it('are named by the digest of their file', () => {
    const { digest, ...config } = parse(sound);
    expect(config).to.deep.equal(sound);
    expect(digest).not.to.equal(parse({ ...sound, firstLabel: 1 }).digest);
  });

  it('are sound in every example of the documentation', async () => {
    const text = await readFile(packagePath('docs/suspects.md'), 'utf8');
    const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, example]) => example!);
    expect(examples).to.have.length(3);
    for (const example of examples) {
      const { body } = parseHttpJson(Buffer.from(example));
      if (body !== undefined) expect(formsOf(body)).to.have.length(1);
    }
  });

  const bad: Record<string, unknown> = {
    'a list': [],
    'an unknown field': { ...sound, bodi: 1 },
    'no way to send': { ...sound, body: undefined },
    'two ways to send': { ...sound, raw: 'png' },
    'two ways to read': { ...sound, answer: { label: '', scores: '' } },
    'no way to read': { ...sound, answer: { items: '/x' } },
    'a batch without a place for it': { ...sound, batch: 2 },
    'several images and no list of answers': { ...sound, body: { $images: { $image: 'base64' } } },
    'a header with a line break': { ...sound, headers: { 'x-a': 'b\r\nc: d' } },
    'a name of a header that is none': { ...sound, headers: { 'a b': 'c' } },
    'a variable that is none': { ...sound, headers: { a: { env: 'A B' } } },
    'a name in a form that ends it': { ...sound, body: undefined, multipart: { file: 'a"\r\n' } },
    'deviations of zero': { ...sound, normalise: { mean: [0], std: [0] } },
    'more means than deviations': { ...sound, normalise: { mean: [0, 0], std: [1] } },
    'one class twice': { ...sound, classes: ['a', 'a'] },
    'a method that is none': { ...sound, method: 'DELETE' },
  };
  it('are refused where they are nested thousands deep', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const text = JSON.stringify(sound).replace('{"$image":"base64"}', deep);
    await coded('suspect.config', () => parseHttpJson(Buffer.from(text)));
  });

  for (const [name, config] of Object.entries(bad)) {
    it(`are refused: ${name}`, async () => {
      const error = await coded('suspect.config', () => parse(config));
      expect(error.hint).to.be.a('string');
    });
  }

  it('are refused where they are not JSON', async () => {
    await coded('suspect.config', () => parseHttpJson(Buffer.from('{')));
    await coded('suspect.config', () => parseHttpJson(Buffer.of(0x22, 0xff, 0x22)));
  });
});

describe('a body template', () => {
  const deep = (levels: number): unknown =>
    levels === 0 ? { $image: 'rows' } : [deep(levels - 1)];

  for (const [name, template] of Object.entries({
    'without an image': { a: [1, null, 'x'] },
    'with a form that is none': { $image: 'jpeg' },
    'with a placeholder that is none': { $img: 'base64' },
    'with members beside a placeholder': { $image: 'base64', b: 1 },
    'with an image beside the list of images': [
      { $image: 'rows' },
      { $images: { $image: 'rows' } },
    ],
    'with a list within a list': { $images: { $images: { $image: 'rows' } } },
    'that is too deep': deep(40),
  })) {
    it(`is refused ${name}`, () => coded('suspect.config', () => formsOf(template)));
  }

  it('is filled in its places and nowhere else, whatever stands around them', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.string(), (around, image) => {
        fc.pre(!around.includes('$'));
        const template = { around: JSON.parse(around) as unknown, here: [{ $image: 'base64' }] };
        const filled = fill(template, [{ base64: image }]);
        expect(JSON.parse(JSON.stringify(filled))).to.deep.equal({
          around: JSON.parse(around) as unknown,
          here: [image],
        });
      }),
    );
  });

  it('may hold a long list', () => {
    const list = Array<number>(300_000).fill(0);
    expect(formsOf({ list, image: { $image: 'rows' } })).to.deep.equal(['rows']);
  });

  it('keeps a member named __proto__ a member', () => {
    const template = JSON.parse('{"__proto__": {"$image": "rows"}, "x": 1}') as unknown;
    expect(JSON.stringify(fill(template, [{ rows: 'r' }]))).to.equal('{"__proto__":"r","x":1}');
  });
});

describe('a JSON Pointer', () => {
  // RFC 6901 section 5.
  const document: unknown = JSON.parse(
    '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}',
  );
  const table: [string, unknown][] = [
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ];
  for (const [pointer, value] of table) {
    it(`finds ${JSON.stringify(pointer)}`, () => {
      expect(valueAt(document, parsePointer(pointer))).to.deep.equal(value);
    });
  }

  it('finds nothing beside the document’s own members', () => {
    for (const pointer of ['/foo/2', '/foo/-', '/foo/00', '/foo/length', '/toString', '/foo/0/0']) {
      expect(valueAt(document, parsePointer(pointer)), pointer).to.equal(undefined);
    }
  });

  it('that is none is refused', async () => {
    for (const text of ['foo', '/~2', '/~', '/x'.repeat(33)]) {
      await coded('suspect.config', () => parsePointer(text));
    }
  });
});
