import type { Combination, R1cs } from '../../src/proof/circuits/index.js';
import { p } from '../twin/poseidon.js';

export type Witness = readonly bigint[];

export const mod = (value: bigint): bigint => ((value % p) + p) % p;

export function invert(value: bigint): bigint {
  let [old, rest, s, next] = [p, mod(value), 0n, 1n];
  while (rest !== 0n) {
    const quotient = old / rest;
    [old, rest] = [rest, old - quotient * rest];
    [s, next] = [next, s - quotient * next];
  }
  return mod(s);
}

/** A signal's coefficients in the three sides of a constraint a · b = c. */
export interface Term {
  readonly constraint: number;
  readonly signal: number;
  a: bigint;
  b: bigint;
  c: bigint;
}

/** How a signal may change alone: not at all, to anything, or by one amount. */
export type Freedom = 'none' | 'all' | bigint;

/** Linear algebra over the constraints of a circuit; signal 0 is the constant. */
export class Constraints {
  readonly rows: readonly (readonly Term[])[];
  readonly columns: readonly (readonly Term[])[];

  constructor({ signals, constraints }: R1cs) {
    const columns: Term[][] = Array.from({ length: signals }, () => []);
    this.rows = constraints.map((sides, constraint) => {
      const row = new Map<number, Term>();
      sides.forEach((side, place) => {
        add(row, constraint, side, (['a', 'b', 'c'] as const)[place]!);
      });
      for (const term of row.values()) columns[term.signal]!.push(term);
      return [...row.values()];
    });
    this.columns = columns;
  }

  /** The three sides of a constraint. */
  sides(constraint: number, witness: Witness): [a: bigint, b: bigint, c: bigint] {
    let [a, b, c] = [0n, 0n, 0n];
    for (const term of this.rows[constraint]!) {
      const value = witness[term.signal]!;
      a += term.a * value;
      b += term.b * value;
      c += term.c * value;
    }
    return [mod(a), mod(b), mod(c)];
  }

  /** The violated constraints. */
  broken(witness: Witness): number[] {
    return [...this.rows.keys()].filter((constraint) => {
      const [a, b, c] = this.sides(constraint, witness);
      return mod(a * b - c) !== 0n;
    });
  }

  /**
   * For each signal, by how much it may change alone. With x changed by d, a constraint that held asks
   * d · (A·b + a·B − C + A·B·d) = 0, where A, B, C are the signal's coefficients: this covers every value of the field.
   */
  freedoms(witness: Witness): Freedom[] {
    const sides = this.rows.map((_, constraint) => this.sides(constraint, witness));
    return this.columns.map((terms) => {
      let freedom: Freedom = 'all';
      for (const term of terms) {
        const slope = gradient(term, sides[term.constraint]!);
        const curve = mod(term.a * term.b);
        if (slope === 0n && curve === 0n) continue;
        const change: Freedom = slope === 0n || curve === 0n ? 'none' : mod(-slope * invert(curve));
        if (change === 'none' || (freedom !== 'all' && freedom !== change)) return 'none';
        freedom = change;
      }
      return freedom;
    });
  }

  /**
   * The rank of the Jacobian at a witness, in the columns of some signals. A row with one entry left is a pivot that costs
   * nothing: its column leaves the others. Only what resists this is eliminated.
   */
  rank(witness: Witness, signals: readonly number[]): number {
    const wanted = new Set(signals);
    const rows = this.rows.map((terms, constraint) => {
      const sides = this.sides(constraint, witness);
      const entries = terms
        .filter(({ signal }) => wanted.has(signal))
        .map((term) => [term.signal, gradient(term, sides)] as const);
      return new Map(entries.filter(([, value]) => value !== 0n));
    });
    let rank = 0;
    const queue = rows.filter((row) => row.size === 1);
    for (let row = queue.pop(); row; row = queue.pop()) {
      const [signal] = [...row.keys()];
      if (signal === undefined) continue;
      rank++;
      for (const { constraint } of this.columns[signal]!) {
        const other = rows[constraint]!;
        if (other.delete(signal) && other.size === 1) queue.push(other);
      }
    }
    return rank + eliminate(rows.filter((row) => row.size > 0));
  }
}

function add(
  row: Map<number, Term>,
  constraint: number,
  { signals, coefficients }: Combination,
  side: 'a' | 'b' | 'c',
): void {
  signals.forEach((signal, i) => {
    const term = row.get(signal) ?? { constraint, signal, a: 0n, b: 0n, c: 0n };
    term[side] = mod(term[side] + coefficients[i]!);
    row.set(signal, term);
  });
}

function gradient(term: Term, [a, b]: readonly bigint[]): bigint {
  return mod(term.a * b! + a! * term.b - term.c);
}

function eliminate(rows: Map<number, bigint>[]): number {
  let rank = 0;
  for (let pivot = rows.pop(); pivot; pivot = rows.pop()) {
    const [first] = pivot;
    if (!first) continue;
    const [column, lead] = first;
    const inverse = invert(lead);
    rank++;
    for (const row of rows) {
      const factor = mod((row.get(column) ?? 0n) * inverse);
      if (factor === 0n) continue;
      for (const [signal, value] of pivot) {
        const left = mod((row.get(signal) ?? 0n) - factor * value);
        if (left === 0n) row.delete(signal);
        else row.set(signal, left);
      }
    }
  }
  return rank;
}
