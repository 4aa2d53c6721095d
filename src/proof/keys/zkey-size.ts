import type { R1cs } from '../circuits/index.js';

/** Bytes of the zkey file of a circuit, without making it. */
export function zkeySize(r1cs: R1cs, domain: number): number {
  const { signals, publics } = r1cs;
  const points = 64 * (publics + 1) + (64 + 64 + 128) * signals + 64 * (signals - publics - 1);
  const header = 12 + 10 * 12 + 4 + 84 + 3 * 64 + 3 * 128 + 68;
  return header + points + 64 * domain + 4 + 44 * coefficientCount(r1cs);
}

/** Entries of A and B, with one for the constant and each public signal. */
export function coefficientCount({ constraints, publics }: R1cs): number {
  return constraints.reduce(
    (sum, [a, b]) => sum + a.signals.length + b.signals.length,
    publics + 1,
  );
}
