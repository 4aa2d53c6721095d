import { type Constraints, invert, mod, type Witness } from './constraints.js';
import { assignments, type Equation, solveInBits, type Solution, without } from './equations.js';

/** What the inputs' values leave open. */
export interface Completion {
  /** The signals that a case fixes; undefined where it leaves a signal open. */
  readonly values: readonly (bigint | undefined)[];
}

/**
 * All completions of some signals' values to a witness, by propagation: a constraint that is linear in its one open signal
 * fixes it; a number that is a sum of bits times distinct powers of two has few decompositions, which are tried in turn.
 * Nothing here knows what a circuit means: where one completion comes out, the signals it fixes have no other value, over
 * the whole field and not only near an honest witness.
 */
export function completions(
  constraints: Constraints,
  start: readonly (bigint | undefined)[],
): Completion[] {
  const { rows, columns } = constraints;
  const isBitRow = rows.map((row, at) => row.length <= 2 && bitRow(at));
  const isBit = columns.map((terms) => terms.some(({ constraint }) => isBitRow[constraint]));

  /** Whether a row says x · (x − 1) = 0 of one signal. */
  function bitRow(row: number): boolean {
    const terms = rows[row]!;
    const x = terms.find(({ signal }) => signal !== 0);
    if (!x || terms.some(({ signal }) => signal !== 0 && signal !== x.signal)) return false;
    const at = (value: bigint): bigint => {
      const witness: bigint[] = [];
      for (const { signal } of terms) witness[signal] = signal === 0 ? 1n : value;
      const [a, b, c] = constraints.sides(row, witness);
      return mod(a * b - c);
    };
    return at(0n) === 0n && at(1n) === 0n && at(2n) !== 0n;
  }

  function explore(known: (bigint | undefined)[], fresh: readonly number[]): Completion[] {
    const filled = known.map((value) => value ?? 0n);
    const open = rows.map((row) => row.filter(({ signal }) => known[signal] === undefined).length);
    const set = (signal: number, value: bigint): void => {
      known[signal] = value;
      filled[signal] = value;
      for (const { constraint } of columns[signal]!) {
        if (--open[constraint]! <= 1) queue.push(constraint);
      }
    };
    const queue = [...fresh];
    for (;;) {
      for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
        if (!step(row, { known, filled, set })) return [];
      }
      const cases = split(known, filled, open);
      if (!cases) return [{ values: known }];
      if (cases.length !== 1) return cases.flatMap((each) => explore(...assume(known, each)));
      for (const [signal, value] of cases[0]!) set(signal, value);
    }
  }

  function assume(
    known: readonly (bigint | undefined)[],
    solution: Solution,
  ): [(bigint | undefined)[], number[]] {
    const next = [...known];
    const touched: number[] = [];
    for (const [signal, value] of solution) {
      next[signal] = value;
      for (const { constraint } of columns[signal]!) touched.push(constraint);
    }
    return [next, touched];
  }

  interface State {
    readonly known: readonly (bigint | undefined)[];
    readonly filled: Witness;
    readonly set: (signal: number, value: bigint) => void;
  }

  /** Applies a row with at most one open signal; false where it contradicts what is known. */
  function step(row: number, { known, filled, set }: State): boolean {
    const unknown = rows[row]!.filter(({ signal }) => known[signal] === undefined);
    const [term] = unknown;
    if (unknown.length > 1) return true;
    const [a, b, c] = constraints.sides(row, filled);
    const rest = mod(a * b - c);
    if (!term) return rest === 0n;
    const slope = mod(term.a * b + a * term.b - term.c);
    const curve = mod(term.a * term.b);
    if (curve !== 0n) return true;
    if (slope === 0n) return rest === 0n;
    set(term.signal, mod(-rest * invert(slope)));
    return true;
  }

  /** A row as an equation; where it says e · (e − 1) = 0 of a sum, with a bit of its own, numbered −row − 1. */
  function equation(row: number, known: State['known'], filled: Witness): Equation | undefined {
    const terms = rows[row]!.filter(({ signal }) => known[signal] === undefined);
    const [a, b, c] = constraints.sides(row, filled);
    const hasA = terms.some((term) => term.a !== 0n);
    const hasB = terms.some((term) => term.b !== 0n);
    if (!hasA || !hasB) {
      const pairs = terms.map((term) => [term.signal, mod(term.a * b + a * term.b - term.c)]);
      const coefficients = new Map(pairs as [number, bigint][]);
      for (const [signal, k] of coefficients) if (k === 0n) coefficients.delete(signal);
      return { coefficients, target: mod(c - a * b) };
    }
    if (c !== 0n || terms.some((term) => term.c !== 0n || term.a === 0n)) return undefined;
    const ratio = mod(terms[0]!.b * invert(terms[0]!.a));
    if (terms.some((term) => mod(term.a * ratio) !== term.b)) return undefined;
    const coefficients = new Map(terms.map((term) => [term.signal, term.a]));
    const [zero, one] = [mod(-a), mod(-b * invert(ratio))];
    if (zero !== one) coefficients.set(-row - 1, mod(zero - one));
    return { coefficients, target: zero };
  }

  /** The solutions of the equation with the fewest, or undefined where no equation can be solved. */
  function split(
    known: State['known'],
    filled: Witness,
    open: readonly number[],
  ): Solution[] | undefined {
    let best: Solution[] | undefined;
    const sharing = new Map<number, Equation[]>();
    const offer = (solutions: Solution[] | undefined): boolean => {
      const cases = solutions && distinct(solutions);
      if (cases?.every((each) => each.size > 0) && (!best || cases.length < best.length)) {
        best = cases;
      }
      return best !== undefined && best.length <= 1;
    };
    for (const [row, count] of open.entries()) {
      // A bit alone says nothing: to try both of each would take for ever.
      if (count === 0 || count > 300 || isBitRow[row]) continue;
      const found = equation(row, known, filled);
      if (!found || found.coefficients.size === 0) continue;
      const numbers = [...found.coefficients.keys()].filter(
        (signal) => signal > 0 && !isBit[signal],
      );
      const [number] = numbers;
      if (number === undefined) {
        if (offer(solveInBits(found))) return best;
      } else if (numbers.length === 1) {
        const others = sharing.get(number) ?? [];
        for (const other of others) {
          if (offer(solveInBits(without(number, found, other)))) return best;
        }
        sharing.set(number, [...others, found]);
        const bits = [...found.coefficients.keys()].filter((signal) => signal !== number);
        if (bits.length <= 3 && offer(solveForNumber(number, bits, found))) return best;
      }
    }
    return best;
  }

  const first = start.map((value, signal) => (signal === 0 ? 1n : value));
  return explore(first, [...rows.keys()]);
}

function solveForNumber(
  number: number,
  bits: readonly number[],
  { coefficients, target }: Equation,
): Solution[] {
  const inverse = invert(coefficients.get(number)!);
  return assignments(bits).map((solution) => {
    const sum = bits.reduce((all, bit) => all + coefficients.get(bit)! * solution.get(bit)!, 0n);
    return new Map([...solution, [number, mod((target - sum) * inverse)]]);
  });
}

/** The solutions that differ in signals, without the bits that equations brought along. */
function distinct(solutions: readonly Solution[]): Solution[] {
  const cases = new Map<string, Solution>();
  for (const solution of solutions) {
    const signals = new Map([...solution].filter(([variable]) => variable > 0));
    cases.set([...signals].join(' '), signals);
  }
  return [...cases.values()];
}
