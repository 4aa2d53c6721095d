import { fieldOrder } from '../../crypto/index.js';
import { type Combination, domainSize, type R1cs } from '../circuits/index.js';

const p = fieldOrder;

/** The multiplicative group has a subgroup of order 2^28; 5 is the smallest non-residue, as in snarkjs. */
const twoAdicity = 28n;
const rootOfUnity = power(5n, (p - 1n) >> twoAdicity);

/** A circuit's polynomials at the point τ (Groth16, eprint 2016/260, section 2.3): u, v and w of every signal. */
export interface QapAtPoint {
  readonly domain: number;
  readonly u: readonly bigint[];
  readonly v: readonly bigint[];
  readonly w: readonly bigint[];
  /** Lagrange polynomials, at τ, of the odd places of the domain of twice the size: snarkjs gives h·Z there. */
  readonly odd: readonly bigint[];
}

/**
 * Evaluates u, v, w at τ over the domain of the 2^k-th roots of unity. As in snarkjs, a row for each public signal and the
 * constant is added, so that their u are linearly independent. τ must lie in no domain: `undefined` if it does.
 */
export function qapAtPoint(r1cs: R1cs, tau: bigint): QapAtPoint | undefined {
  const domain = domainSize(r1cs);
  const lagrange = lagrangeAtPoint(domain, tau);
  const double = lagrangeAtPoint(2 * domain, tau);
  if (!lagrange || !double) return undefined;
  const [u, v, w] = [0, 1, 2].map(() => new Array<bigint>(r1cs.signals).fill(0n)) as [
    bigint[],
    bigint[],
    bigint[],
  ];
  r1cs.constraints.forEach(([a, b, c], row) => {
    const weight = lagrange[row] ?? 0n;
    addTo(u, a, weight);
    addTo(v, b, weight);
    addTo(w, c, weight);
  });
  for (let signal = 0; signal <= r1cs.publics; signal++) {
    u[signal] = ((u[signal] ?? 0n) + (lagrange[r1cs.constraints.length + signal] ?? 0n)) % p;
  }
  return { domain, u, v, w, odd: double.filter((_, place) => place % 2 === 1) };
}

function addTo(sums: bigint[], { signals, coefficients }: Combination, weight: bigint): void {
  signals.forEach((signal, i) => {
    sums[signal] = ((sums[signal] ?? 0n) + (coefficients[i] ?? 0n) * weight) % p;
  });
}

/** L_j(τ) = (τ^n − 1)/n · ω^j/(τ − ω^j) for the n-th roots of unity. */
function lagrangeAtPoint(size: number, tau: bigint): bigint[] | undefined {
  const n = BigInt(size);
  const vanishing = (power(tau, n) - 1n + p) % p;
  if (vanishing === 0n) return undefined;
  const omega = power(rootOfUnity, (1n << twoAdicity) / n);
  const roots: bigint[] = [];
  for (let j = 0, root = 1n; j < size; j++, root = (root * omega) % p) roots.push(root);
  const inverses = invertAll(roots.map((root) => (tau - root + p) % p));
  const factor = (vanishing * power(n, p - 2n)) % p;
  return roots.map((root, j) => (((factor * root) % p) * (inverses[j] ?? 0n)) % p);
}

/** Montgomery's trick: one inversion for all. None may be zero. */
export function invertAll(values: readonly bigint[]): bigint[] {
  const before: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    before.push(product);
    product = (product * value) % p;
  }
  let inverse = power(product, p - 2n);
  const inverses = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = (inverse * (before[i] ?? 0n)) % p;
    inverse = (inverse * (values[i] ?? 0n)) % p;
  }
  return inverses;
}

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}
