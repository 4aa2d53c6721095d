import { buildPoseidon } from 'circomlibjs';

import { InputError } from '../base/index.js';
import { isFieldElement, tagToField } from './field.js';

const permutation = await buildPoseidon();

/** Largest number of inputs of one Poseidon call (circomlib's constants end there). */
export const poseidonArity = 16;

/**
 * circomlib's Poseidon over BN254 (Grassi et al., USENIX Security 2021; x^5, 8 full rounds) of 1 to 16 field
 * elements. Throws `InputError` `encoding.field` for a number that is not canonical.
 */
export function poseidon(inputs: readonly bigint[]): bigint {
  if (inputs.length === 0 || inputs.length > poseidonArity || !inputs.every(isFieldElement)) {
    throw new InputError({
      code: 'encoding.field',
      message: `Poseidon takes 1 to ${poseidonArity} canonical field elements`,
    });
  }
  return permutation.F.toObject(permutation(inputs));
}

/** Poseidon with a domain tag as its first input. */
export function taggedPoseidon(tag: string, inputs: readonly bigint[]): bigint {
  return poseidon([tagToField(tag), ...inputs]);
}

/**
 * `hashMany(tag, xs)`: state = Poseidon(tag, xs.length), then for each block of 15 elements, the last one padded with
 * zeros, state = Poseidon(state, block). The length comes first, so the padding cannot be confused with data.
 */
export function hashMany(tag: string, elements: readonly bigint[]): bigint {
  let state = taggedPoseidon(tag, [BigInt(elements.length)]);
  const blockSize = poseidonArity - 1;
  for (let start = 0; start < elements.length; start += blockSize) {
    const block = elements.slice(start, start + blockSize);
    while (block.length < blockSize) block.push(0n);
    state = poseidon([state, ...block]);
  }
  return state;
}
