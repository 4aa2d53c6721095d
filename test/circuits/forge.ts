import { invert, mod, type Witness } from './constraints.js';
import type { Circuit } from './support.js';

export type Changes = Readonly<Record<string, bigint>>;

/**
 * What a cheating prover makes of an honest witness: some inputs and hints have the values he wants, every signal that
 * constraints then fix is computed from them, and hints that nothing fixes (bits, mostly) stay as they were. What is broken
 * in the result is what stops him.
 */
export function forge(circuit: Circuit, honest: Witness, changes: Changes): Witness {
  const { rows, columns } = circuit.constraints;
  const values = honest.map(() => 0n);
  const known = honest.map(() => false);
  const unknown = rows.map((row) => row.length);
  const ready: number[] = [];
  const set = (signal: number, value: bigint): void => {
    if (known[signal]) return;
    known[signal] = true;
    values[signal] = mod(value);
    for (const { constraint } of columns[signal]!) {
      const left = unknown[constraint]! - 1;
      unknown[constraint] = left;
      if (left === 1) ready.push(constraint);
    }
  };
  const spread = (): void => {
    for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
      const found = rows[at]!.find(({ signal }) => !known[signal]);
      if (!found) continue;
      const value = solve(circuit, at, found.signal, values);
      if (value !== undefined) set(found.signal, value);
    }
  };
  set(0, 1n);
  for (const [name, value] of Object.entries(changes)) set(circuit.signal(name), value);
  for (const signal of circuit.inputs) set(signal, honest[signal]!);
  for (const [signal, value] of honest.entries()) {
    spread();
    set(signal, value);
  }
  return values;
}

/** The one value of a signal that satisfies a constraint, where the constraint is linear in it. */
export function solve(
  { constraints }: Circuit,
  at: number,
  signal: number,
  zero: Witness,
): bigint | undefined {
  const term = constraints.rows[at]!.find((entry) => entry.signal === signal)!;
  const [a, b, c] = constraints.sides(at, zero);
  const slope = mod(term.a * b + a * term.b - term.c);
  if (slope === 0n || mod(term.a * term.b) !== 0n) return undefined;
  return mod((c - a * b) * invert(slope));
}

/** The bits of a value as changes, as far as the compiler kept them: the last one of a sum follows from the others. */
export function bitsOf(circuit: Circuit, component: string, value: bigint): Changes {
  const changes: Record<string, bigint> = {};
  for (let i = 0; i < 254; i++) {
    const name = `${component}.out[${i}]`;
    if (circuit.has(name)) changes[name] = (value >> BigInt(i)) & 1n;
  }
  return changes;
}
