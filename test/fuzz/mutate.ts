import { concatBytes } from '../../src/base/index.js';
import type { SeededStream } from '../../src/crypto/index.js';
import { mutateJson } from './mutate-json.js';

/** Longest input that mutation makes, in bytes. */
export const longestInput = 2 ** 16;

type Mutation = (
  bytes: Uint8Array,
  stream: SeededStream,
  others: readonly Uint8Array[],
) => Uint8Array;

/** Numbers at which readers of sizes and counts go wrong. */
const numbers = [
  0,
  1,
  2,
  127,
  128,
  255,
  256,
  32767,
  65535,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

const tokens = [
  '0',
  '-1',
  '1e9',
  '4294967295',
  '9007199254740993',
  '18446744073709551616',
  '',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '"',
  '{',
  '}',
  '[]',
  'null',
  '\ud800',
  '\ufeff',
  '\u202e',
  '__proto__',
  '../',
  'a'.repeat(300),
  '=',
];

/** One to four random changes of an input: the same stream gives the same result. */
export function mutate(
  input: Uint8Array,
  stream: SeededStream,
  others: readonly Uint8Array[] = [input],
): Uint8Array {
  let bytes = input;
  const changes = 1 + stream.below(4);
  for (let i = 0; i < changes; i++) {
    const mutation = mutations[stream.below(mutations.length)] ?? flip;
    bytes = mutation(bytes, stream, others).subarray(0, longestInput);
  }
  return new Uint8Array(bytes);
}

const place = (bytes: Uint8Array, stream: SeededStream): number => stream.below(bytes.length + 1);

function range(bytes: Uint8Array, stream: SeededStream): [number, number] {
  const start = place(bytes, stream);
  const most = bytes.length - start;
  const length =
    stream.below(2) === 0 ? Math.min(most, 1 + stream.below(16)) : stream.below(most + 1);
  return [start, start + length];
}

const flip: Mutation = (bytes, stream) => {
  const changed = Uint8Array.from(bytes);
  const at = stream.below(Math.max(1, bytes.length));
  changed[at] = (changed[at] ?? 0) ^ (1 << stream.below(8));
  return changed;
};

const overwrite: Mutation = (bytes, stream) => {
  const changed = Uint8Array.from(bytes);
  const at = stream.below(Math.max(1, bytes.length));
  changed.set(stream.bytes(1 + stream.below(4)).subarray(0, Math.max(0, bytes.length - at)), at);
  return changed;
};

/** A size or a count as binary formats write it. */
const integer: Mutation = (bytes, stream) => {
  const width = [1, 2, 4, 8][stream.below(4)] ?? 4;
  if (bytes.length < width) return bytes;
  const changed = Uint8Array.from(bytes);
  const view = new DataView(changed.buffer);
  const at = stream.below(bytes.length - width + 1);
  const value = BigInt(numbers[stream.below(numbers.length)] ?? 0);
  const isLittle = stream.below(2) === 0;
  for (let i = 0; i < width; i++) {
    view.setUint8(at + (isLittle ? i : width - 1 - i), Number((value >> BigInt(8 * i)) & 255n));
  }
  return changed;
};

/** A number as text formats write it. */
const decimal: Mutation = (bytes, stream) => {
  const source = Buffer.from(bytes).toString('latin1');
  const found = [...source.matchAll(/\d+/g)];
  const picked = found[stream.below(Math.max(1, found.length))];
  if (!picked) return bytes;
  const value = numbers[stream.below(numbers.length)] ?? 0;
  const near = BigInt(picked[0]) + BigInt(stream.below(3)) - 1n;
  const chosen = stream.below(2) === 0 ? String(value) : String(near);
  const end = picked.index + picked[0].length;
  return Buffer.from(source.slice(0, picked.index) + chosen + source.slice(end), 'latin1');
};

const insert: Mutation = (bytes, stream) => {
  const at = place(bytes, stream);
  const added =
    stream.below(2) === 0
      ? stream.bytes(1 + stream.below(8))
      : Buffer.from(tokens[stream.below(tokens.length)] ?? '');
  return concatBytes(bytes.slice(0, at), Uint8Array.from(added), bytes.slice(at));
};

const remove: Mutation = (bytes, stream) => {
  const [start, end] = range(bytes, stream);
  return concatBytes(bytes.slice(0, start), bytes.slice(end));
};

const truncate: Mutation = (bytes, stream) => bytes.slice(0, place(bytes, stream));

const repeat: Mutation = (bytes, stream) => {
  const [start, end] = range(bytes, stream);
  const part = bytes.slice(start, end);
  const most = Math.floor(longestInput / Math.max(1, part.length));
  const times = stream.below(8) === 0 ? most : Math.min(most, 1 + stream.below(3));
  return concatBytes(
    bytes.slice(0, end),
    ...new Array<Uint8Array>(times).fill(part),
    bytes.slice(end),
  );
};

const move: Mutation = (bytes, stream) => {
  const [start, end] = range(bytes, stream);
  const rest = concatBytes(bytes.slice(0, start), bytes.slice(end));
  const at = place(rest, stream);
  return concatBytes(rest.slice(0, at), bytes.slice(start, end), rest.slice(at));
};

const splice: Mutation = (bytes, stream, others) => {
  const other = others[stream.below(Math.max(1, others.length))] ?? bytes;
  return concatBytes(bytes.slice(0, place(bytes, stream)), other.slice(place(other, stream)));
};

/** Thousands of brackets, which readers that call themselves run out of stack on. */
const nest: Mutation = (bytes, stream) => {
  const at = place(bytes, stream);
  const depth = 1 + stream.below(longestInput / 4);
  const [open, close] = stream.below(2) === 0 ? ['[', ']'] : ['{"a":', '}'];
  const nested = Buffer.from(
    open.repeat(depth) + (stream.below(2) === 0 ? '1' + close.repeat(depth) : ''),
  );
  return concatBytes(bytes.slice(0, at), Uint8Array.from(nested), bytes.slice(at));
};

/** Changes a value within the first line that is JSON, and writes the line anew. */
const json: Mutation = (bytes, stream) => mutateJson(bytes, stream) ?? flip(bytes, stream, []);

const mutations: readonly Mutation[] = [
  flip,
  flip,
  overwrite,
  integer,
  decimal,
  insert,
  remove,
  truncate,
  repeat,
  move,
  splice,
  nest,
  ...new Array<Mutation>(8).fill(json),
];
