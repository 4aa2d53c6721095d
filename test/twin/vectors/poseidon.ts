import { hashMany, hex, p, poseidon } from '../poseidon.js';

/** Inputs without a pattern: powers of 7. */
const sequence = (length: number): bigint[] =>
  Array.from({ length }, (_, i) => 7n ** BigInt(100 + i) % p);

function permutationCase(inputs: readonly bigint[]) {
  return { inputs: inputs.map(hex), output: hex(poseidon(inputs)) };
}

export function poseidonVectors() {
  const arities = Array.from({ length: 16 }, (_, i) => i + 1);
  return {
    about: 'Poseidon over BN254 (encodings.md). Field elements are 32 big-endian bytes.',
    valid: [
      ...arities.map((arity) => permutationCase(sequence(arity))),
      permutationCase([0n]),
      permutationCase([1n, 2n]),
      permutationCase(Array<bigint>(16).fill(0n)),
      permutationCase(Array<bigint>(16).fill(p - 1n)),
    ],
    invalid: [
      { name: 'no input', inputs: [], code: 'encoding.field' },
      { name: '17 inputs', inputs: sequence(17).map(hex), code: 'encoding.field' },
      { name: 'p itself', inputs: [hex(p)], code: 'encoding.field' },
      { name: 'p + 1 among others', inputs: [hex(1n), hex(p + 1n)], code: 'encoding.field' },
      { name: '2^256 - 1', inputs: ['f'.repeat(64)], code: 'encoding.field' },
    ],
  };
}

const tag = 'veilmark/image/1';

export function hashManyVectors() {
  const lengths = [0, 1, 2, 14, 15, 16, 29, 30, 31, 45, 46];
  return {
    about: 'hashMany (encodings.md) and the tags that may start a hash.',
    valid: [
      ...lengths.map((length) => sequence(length)),
      [0n],
      Array<bigint>(14).fill(0n),
      Array<bigint>(15).fill(0n),
    ].map((elements) => ({
      tag,
      elements: elements.map(hex),
      output: hex(hashMany(tag, elements)),
    })),
    longestTag: { tag: 'x'.repeat(31), elements: [], output: hex(hashMany('x'.repeat(31), [])) },
    invalid: [
      { name: 'p as an element', tag, elements: [hex(p)], code: 'encoding.field' },
      { name: 'no tag', tag: '', elements: [], code: 'encoding.tag' },
      { name: 'a tag of 32 bytes', tag: 'x'.repeat(32), elements: [], code: 'encoding.tag' },
      { name: 'a space in the tag', tag: 'veilmark image', elements: [], code: 'encoding.tag' },
      { name: 'a letter beyond ASCII', tag: 'véilmark', elements: [], code: 'encoding.tag' },
      { name: 'a line feed in the tag', tag: 'veilmark\n', elements: [], code: 'encoding.tag' },
    ],
  };
}
