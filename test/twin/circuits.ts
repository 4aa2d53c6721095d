import {
  blinding,
  deriveLabel,
  imageDigest,
  labelCommitment,
  triggerCommitment,
} from './commitment.js';
import { hashMany, p, poseidon, tagElement } from './poseidon.js';

/** Inputs of a circuit by name, public ones as an honest prover and verifier compute them. */
export type Inputs = Record<string, bigint | bigint[]>;

const field = (value: bigint): bigint => ((value % p) + p) % p;
const sum = (values: readonly bigint[]): bigint => values.reduce((all, value) => all + value, 0n);

export function bits(value: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => (value >> BigInt(i)) & 1n);
}

export function saltedValue(tag: string, value: bigint, salt: bigint): bigint {
  return poseidon([tagElement(tag), field(value), salt]);
}

export function saltedDigest(tag: string, values: readonly bigint[], salt: bigint): bigint {
  return hashMany(tag, [salt, ...values.map(field)]);
}

/** What an owner knows of a pair, and what the commitment says of all. */
export interface PairTerms {
  readonly shape: readonly number[];
  readonly pixels: readonly number[];
  readonly natural: number;
  readonly r: bigint;
  readonly index: number;
  readonly seed: bigint;
  readonly classes: number;
  readonly naturalGiven: boolean;
}

export function label({ seed, index, r, natural, classes }: PairTerms): number {
  return deriveLabel(blinding(seed, index, r), natural, classes);
}

/** Inputs of TriggerOpening. */
export function openPair(pair: PairTerms): Inputs {
  const { shape, pixels, natural, r, index, seed, classes, naturalGiven } = pair;
  const digest = imageDigest(shape, Uint8Array.from(pixels));
  return {
    triggerCommitment: triggerCommitment(digest, natural, r),
    labelCommitment: labelCommitment(label(pair), blinding(seed, index, r)),
    index: BigInt(index),
    seed,
    classes: BigInt(classes),
    naturalGiven: naturalGiven ? 1n : 0n,
    pixels: pixels.map(BigInt),
    natural: BigInt(natural),
    r,
  };
}

/** A pre-activation acc = q · 2^S + rem as the circuit sees it; acc is an integer. */
export function neuron(acc: bigint, A: number, S: number) {
  const scale = 2n ** BigInt(S);
  const rem = ((acc % scale) + scale) % scale;
  const q = (acc - rem) / scale;
  return { q, rem, out: q < 0n ? 0n : q, packed: acc + 2n ** BigInt(A + S) };
}

export interface BlockTerms {
  readonly A: number;
  readonly S: number;
  readonly accs: readonly bigint[];
  readonly beta: readonly bigint[];
  readonly rho: bigint;
  readonly offset: bigint;
  readonly digestSalt: bigint;
  readonly sumSalt: bigint;
}

/** A block's part of the random check. */
export function partialSum({ A, S, accs, beta, rho, offset }: BlockTerms): bigint {
  let power = offset;
  let total = 0n;
  accs.forEach((acc, j) => {
    total += power * acc - beta[j]! * neuron(acc, A, S).out;
    power = (power * rho) % p;
  });
  return field(total);
}

/** Inputs of Neurons. */
export function block(terms: BlockTerms): Inputs {
  const { A, S, accs, beta, rho, offset, digestSalt, sumSalt } = terms;
  const width = BigInt(A + 1 + S);
  const perLimb = Number(253n / width);
  const parts = accs.map((acc) => neuron(acc, A, S));
  const limbs: bigint[] = [];
  parts.forEach(({ packed }, j) => {
    const limb = Math.floor(j / perLimb);
    limbs[limb] = (limbs[limb] ?? 0n) + (packed << (width * BigInt(j % perLimb)));
  });
  return {
    rho,
    offset,
    beta: [...beta],
    digest: saltedDigest('veilmark/neurons/1', limbs, digestSalt),
    sumCommitment: saltedValue('veilmark/partial-sum/1', partialSum(terms), sumSalt),
    q: parts.map(({ q }) => field(q)),
    rem: parts.map(({ rem }) => rem),
    digestSalt,
    sumSalt,
  };
}

/** The first of the largest. */
export function largest(logits: readonly bigint[]): number {
  return logits.reduce((best, logit, k) => (logit > logits[best]! ? k : best), 0);
}

export interface ClassificationTerms {
  readonly pair: PairTerms;
  readonly match: bigint;
  /** Integers. */
  readonly logits: readonly bigint[];
  readonly sums: readonly bigint[];
  readonly pixelBeta: readonly bigint[];
  readonly powers: readonly bigint[];
  /** Of the logits, of the match, and one for each partial sum. */
  readonly salts: { logits: bigint; match: bigint; sums: readonly bigint[] };
}

/** What the random check must give for these values to close. */
export function constant({ pair, logits, sums, pixelBeta, powers }: ClassificationTerms): bigint {
  const terms = logits.map((logit, k) => powers[k]! * logit);
  const pixels = pair.pixels.map((pixel, i) => pixelBeta[i]! * BigInt(pixel));
  return field(sum([...sums, ...terms]) - sum(pixels));
}

/** Inputs of Classification; the random check closes. */
export function classify(terms: ClassificationTerms): Inputs {
  const { pair, match, logits, sums, pixelBeta, powers, salts } = terms;
  return {
    ...openPair(pair),
    pixelBeta: [...pixelBeta],
    powers: [...powers],
    constant: constant(terms),
    logitsDigest: saltedDigest('veilmark/logits/1', logits, salts.logits),
    sumCommitments: sums.map((value, i) =>
      saltedValue('veilmark/partial-sum/1', value, salts.sums[i]!),
    ),
    matchCommitment: saltedValue('veilmark/match/1', match, salts.match),
    match,
    logits: logits.map(field),
    logitsSalt: salts.logits,
    sums: [...sums],
    sumSalts: [...salts.sums],
    matchSalt: salts.match,
  };
}

/** Inputs of Fold. */
export function fold(sums: readonly bigint[], salts: readonly bigint[], totalSalt: bigint): Inputs {
  const tag = 'veilmark/partial-sum/1';
  return {
    commitments: sums.map((value, i) => saltedValue(tag, value, salts[i]!)),
    total: saltedValue(tag, sum(sums), totalSalt),
    sums: [...sums],
    salts: [...salts],
    totalSalt,
  };
}

/** Inputs of Threshold. */
export function threshold(
  matches: readonly bigint[],
  salts: readonly bigint[],
  least: bigint,
): Inputs {
  return {
    commitments: matches.map((match, i) => saltedValue('veilmark/match/1', match, salts[i]!)),
    least,
    matches: [...matches],
    salts: [...salts],
  };
}
