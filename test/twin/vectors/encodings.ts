import { createHash } from 'node:crypto';

import { canonical, type Field, frame, Shake, taggedHash } from '../bytes.js';
import { hex, p, reduce } from '../poseidon.js';
import { bytesInVector, toHex } from './case.js';

/** Every invalid text is refused with the code of the thing that it stands in; here `encoding.json`. */
export function canonicalJsonVectors() {
  const values: unknown[] = [
    {},
    { a: 1, b: true, c: 'x' },
    { '': 0, '10': 1, '2': 2, A: 3, a: 4, é: 5, '€': 6, '😀': 7, '\uffff': 8 },
    { v: [0, -1, 9007199254740991, -9007199254740991] },
    { v: '"\\/\b\f\n\r\t\u0000\u001f\u007f\u0080\u2028\u2029' },
    { v: 'é € 😀' },
  ];
  const refused: Record<string, string | Uint8Array> = {
    'nothing at all': '',
    'a space after a colon': '{"a": 1}',
    'a line feed at the end': '{"a":1}\n',
    'a byte order mark': '\ufeff{"a":1}',
    'keys out of order': '{"b":1,"a":2}',
    'keys in the order of code points where UTF-16 differs': '{"\uffff":1,"😀":2}',
    'a key twice with two values': '{"a":1,"a":2}',
    'a key twice with one value': '{"a":1,"a":1}',
    'an escaped letter': '{"a":"\\u0041"}',
    'an escaped solidus': '{"a":"\\/"}',
    'an escaped letter beyond ASCII': '{"a":"\\u00e9"}',
    'capitals in an escape': '{"a":"\\u001F"}',
    'a long escape where a short one exists': '{"a":"\\u000a"}',
    'a raw control character': '{"a":"\u0001"}',
    'a lone high surrogate': '{"a":"\\ud800"}',
    'a lone low surrogate as a key': '{"\\udc00":1}',
    'half of UTF-8': Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xc3), Buffer.from('"}')]),
    'a surrogate in UTF-8': Buffer.from('7b2261223a22eda080227d', 'hex'),
    'overlong UTF-8': Buffer.from('7b2261223a22c080227d', 'hex'),
    'minus zero': '{"a":-0}',
    'a fraction': '{"a":0.5}',
    'a whole number with a fraction': '{"a":1.0}',
    'an exponent': '{"a":1e2}',
    'a leading zero': '{"a":01}',
    'a leading plus': '{"a":+1}',
    '2^53': '{"a":9007199254740992}',
    '2^53 + 1, which a double rounds': '{"a":9007199254740993}',
    'a number beyond doubles': '{"a":1e999}',
    null: '{"a":null}',
    'a comma too many': '{"a":1,}',
    'a list that does not end': '{"a":[1}',
    'a comment': '{"a":1}/**/',
    'two values': '{"a":1}{"a":1}',
    'a list nested deeply': `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`,
  };
  return {
    about:
      'Canonical JSON (encodings.md). Values are objects whose members are strings, whole numbers, booleans or lists of whole numbers.',
    valid: values.map((value) => bytesInVector(Buffer.from(canonical(value)))),
    invalid: Object.entries(refused).map(([name, text]) => ({
      name,
      ...bytesInVector(Buffer.from(text as string)),
      code: 'encoding.json',
    })),
  };
}

const refusedBase64: Record<string, string> = {
  'no padding': 'AAA',
  'half a padding': 'AA=',
  'too much padding': 'AAA==',
  'padding alone': '====',
  'unused bits set before one =': 'AAB=',
  'unused bits set before two =': 'AB==',
  'the URL alphabet': 'AA-_',
  'a space': 'AAAA AAA',
  'a line feed at the end': 'AAAA\n',
  'padding in the middle': 'AA==AAAA',
  'a letter beyond ASCII': 'AAAé',
};

const refusedField: Record<string, string> = {
  'p itself': hex(p),
  '2^256 - 1': 'f'.repeat(64),
  '63 digits': '0'.repeat(63),
  '65 digits': '0'.repeat(65),
  capitals: `${'0'.repeat(63)}A`,
  'a prefix': `0x${'0'.repeat(62)}`,
  nothing: '',
};

function frameCase(fields: readonly Field[]) {
  return {
    fields: fields.map((field) => (typeof field === 'object' ? { hex: toHex(field) } : field)),
    frame: toHex(frame(fields)),
    hash: toHex(taggedHash('veilmark/session/1', fields)),
  };
}

export function encodingVectors() {
  const byteStrings = [0, 1, 2, 3, 4, 32].map((length) => Buffer.alloc(length, 0xfb));
  return {
    about:
      'Base64, field elements, frames and tagged hashes (encodings.md). In a frame a string stands for its UTF-8 bytes and a number for 8 big-endian bytes; hash is the tagged hash with the tag veilmark/session/1.',
    base64: {
      valid: byteStrings.map((bytes) => ({ hex: toHex(bytes), text: bytes.toString('base64') })),
      invalid: Object.entries(refusedBase64).map(([name, text]) => ({
        name,
        text,
        code: 'encoding.base64',
      })),
    },
    field: {
      valid: [0n, 1n, p - 1n].map((value) => ({ decimal: String(value), hex: hex(value) })),
      invalid: Object.entries(refusedField).map(([name, text]) => ({
        name,
        text,
        code: /^[0-9a-f]{64}$/.test(text) ? 'encoding.field' : 'encoding.hex',
      })),
      hashToField: ['', 'abc', 'veilmark'].map((text) => ({
        text,
        element: hex(reduce(createHash('sha512').update(text).digest())),
      })),
    },
    frames: [
      [],
      [''],
      ['', ''],
      ['ab', 'c'],
      ['a', 'bc'],
      ['é€😀'],
      [0],
      [1, 2 ** 32, Number.MAX_SAFE_INTEGER],
      [Buffer.alloc(0), Buffer.of(0), Buffer.alloc(33, 0xff)],
    ].map(frameCase),
  };
}

export function samplingVectors() {
  const bounds = [1, 2, 3, 10, 256, 1000, 2 ** 32 + 1, 3 * 2 ** 46 + 1, 2 ** 48];
  return {
    about:
      'Sampling from SHAKE-256 (encodings.md): the first bytes, integers drawn one after another from one stream, permutations. The stream of every case starts anew.',
    stream: { tag: 'test/stream/1', fields: ['a', 1], bytes: toHex(shake().bytes(200)) },
    below: bounds.map((bound) => {
      const stream = shake();
      return { bound, draws: Array.from({ length: 8 }, () => stream.below(bound)) };
    }),
    permutations: [0, 1, 2, 3, 16, 150].map((length) => ({
      length,
      order: shake().permutation(length),
    })),
    invalidBounds: [0, -1, 0.5, 2 ** 48 + 1].map((bound) => ({ bound, code: 'random.bound' })),
  };
}

const shake = (): Shake => new Shake('test/stream/1', ['a', 1]);
