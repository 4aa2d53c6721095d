import { expect } from 'chai';

import type { Witness } from './constraints.js';
import type { Circuit } from './support.js';
import { completions } from './unique.js';

/**
 * Expects that a forged witness breaks constraints, that each broken one speaks of a signal of the pattern, and that no
 * other choice of hints helps: its inputs, with what Poseidon makes of them, have no witness.
 */
export function expectRefused(circuit: Circuit, forged: Witness, pattern: RegExp): void {
  const broken = circuit.broken(forged);
  expect(broken).not.to.have.lengthOf(0);
  for (const names of broken) {
    expect(
      names.some((name) => pattern.test(name)),
      `${pattern} in ${names.join(' ')}`,
    ).to.be.true;
  }
  expect(completionsOf(circuit, forged)).to.equal(0);
}

export function expectAccepted(circuit: Circuit, witness: Witness): void {
  expect(circuit.broken(witness)).to.deep.equal([]);
  expect(completionsOf(circuit, witness)).to.equal(1);
}

/** How many witnesses belong to the inputs of this one, taking what is inside circomlib's Poseidon from it. */
export function completionsOf(circuit: Circuit, witness: Witness): number {
  const inputs = new Set(circuit.inputs);
  const given = (signal: number): boolean =>
    inputs.has(signal) || circuit.names[signal]!.includes('.pEx.');
  const start = witness.map((value, signal) => (given(signal) ? value : undefined));
  return completions(circuit.constraints, start).length;
}
