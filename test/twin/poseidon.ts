import { Field } from '@noble/curves/abstract/modular.js';
import {
  grainGenConstants,
  poseidon as permutation,
  type PoseidonFn,
} from '@noble/curves/abstract/poseidon.js';

export const p = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Partial rounds for 1 to 16 inputs, from the reference scripts of the Poseidon paper. */
const partialRounds = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];
const permutations = new Map<number, PoseidonFn>();

function permutationOf(inputs: number): PoseidonFn {
  const known = permutations.get(inputs);
  if (known) return known;
  const options = {
    Fp: Field(p),
    t: inputs + 1,
    roundsFull: 8,
    roundsPartial: partialRounds[inputs - 1]!,
  };
  // The constants are drawn again from the Grain LFSR: circomlib's tables are not trusted here.
  const made = permutation({ ...options, ...grainGenConstants(options), sboxPower: 5 });
  permutations.set(inputs, made);
  return made;
}

/** encodings.md, Poseidon. */
export function poseidon(inputs: readonly bigint[]): bigint {
  return permutationOf(inputs.length)([0n, ...inputs])[0]!;
}

export function tagElement(tag: string): bigint {
  return BigInt(`0x${Buffer.from(tag, 'ascii').toString('hex')}`);
}

/** encodings.md, hashMany. */
export function hashMany(tag: string, xs: readonly bigint[]): bigint {
  let state = poseidon([tagElement(tag), BigInt(xs.length)]);
  for (let at = 0; at < xs.length; at += 15) {
    const block = Array.from({ length: 15 }, (_, i) => xs[at + i] ?? 0n);
    state = poseidon([state, ...block]);
  }
  return state;
}

export function hex(element: bigint): string {
  return element.toString(16).padStart(64, '0');
}

/** A 64-byte string as a big-endian integer mod p. */
export function reduce(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`) % p;
}
