import { invert, mod } from './constraints.js';
import { p } from '../twin/poseidon.js';

/** Σ coefficient · variable = target over the field. */
export interface Equation {
  readonly coefficients: ReadonlyMap<number, bigint>;
  readonly target: bigint;
}

export type Solution = ReadonlyMap<number, bigint>;

const powers = new Map<bigint, bigint>();
for (let e = 0n; e < 254n; e++) {
  powers.set(2n ** e, e);
  powers.set(p - 2n ** e, -e - 1n);
}

/** All solutions in bits, or undefined where this would take too long to find. */
export function solveInBits({ coefficients, target }: Equation): Solution[] | undefined {
  const entries = [...coefficients];
  if (entries.length <= 4) {
    return assignments(entries.map(([variable]) => variable)).filter((values) => {
      const sum = entries.reduce((all, [variable, k]) => all + k * values.get(variable)!, 0n);
      return mod(sum - target) === 0n;
    });
  }
  for (const [, unit] of entries) {
    const inverse = invert(unit);
    const places = new Map<number, bigint>();
    const used = new Set<bigint>();
    const fits = entries.every(([variable, k]) => {
      const place = powers.get(mod(k * inverse));
      if (place === undefined) return false;
      places.set(variable, place);
      const size = used.size;
      return used.add(place < 0n ? -place - 1n : place).size > size;
    });
    if (fits) return binary(places, mod(target * inverse));
  }
  return undefined;
}

/** Solutions of Σ ±2^place · bit = target mod p, all places different; a negative term −2^e · x is 2^e · (1 − x) − 2^e. */
function binary(places: ReadonlyMap<number, bigint>, target: bigint): Solution[] {
  let [sum, most] = [target, 0n];
  for (const place of places.values()) {
    if (place < 0n) sum += 2n ** (-place - 1n);
    most += 2n ** (place < 0n ? -place - 1n : place);
  }
  const solutions: Solution[] = [];
  for (let value = mod(sum); value <= most; value += p) {
    if ((value & ~most) !== 0n) continue;
    const bit = (place: bigint): bigint => (value >> place) & 1n;
    solutions.push(
      new Map(
        [...places].map(([variable, place]) => [
          variable,
          place < 0n ? 1n - bit(-place - 1n) : bit(place),
        ]),
      ),
    );
  }
  return solutions;
}

export function assignments(variables: readonly number[]): Solution[] {
  return Array.from(
    { length: 2 ** variables.length },
    (_, code) => new Map(variables.map((variable, i) => [variable, BigInt((code >> i) & 1)])),
  );
}

/** One equation without the variable, from two that contain it. */
export function without(variable: number, one: Equation, two: Equation): Equation {
  const factor = mod(one.coefficients.get(variable)! * invert(two.coefficients.get(variable)!));
  const coefficients = new Map(one.coefficients);
  for (const [other, k] of two.coefficients) {
    const left = mod((coefficients.get(other) ?? 0n) - factor * k);
    if (left === 0n) coefficients.delete(other);
    else coefficients.set(other, left);
  }
  return { coefficients, target: mod(one.target - factor * two.target) };
}
