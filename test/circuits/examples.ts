import fc from 'fast-check';

import * as twin from '../twin/circuits.js';
import { p, reduce } from '../twin/poseidon.js';
import type { SubjectName } from './templates.js';

/** Field elements, often at an edge. */
export const element: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(reduce) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 1n, 2n, p - 1n, p - 2n, 2n ** 253n, 2n ** 128n) },
);
export const elements = (count: number): fc.Arbitrary<bigint[]> =>
  fc.array(element, { minLength: count, maxLength: count });
export const integer = (min: bigint, max: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max));

/** A 2×2 grey pair of two to four classes, three or more where natural classes are given. */
export const pair: fc.Arbitrary<twin.PairTerms> = fc
  .record({
    pixels: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }),
    r: element,
    seed: element,
    index: fc.nat(20_000),
    terms: fc.constantFrom(
      ...[2, 3, 4].map((classes) => ({ classes, natural: classes, naturalGiven: false })),
      ...[3, 4].flatMap((classes) =>
        Array.from({ length: classes + 1 }, (_, natural) => ({
          classes,
          natural,
          naturalGiven: true,
        })),
      ),
    ),
  })
  .map(({ terms, ...rest }) => ({ shape: [2, 2, 1], ...rest, ...terms }));

export const block = (A: number, S: number): fc.Arbitrary<twin.BlockTerms> => {
  const edge = 2n ** BigInt(A + S);
  const accs = fc.array(integer(-edge, edge - 1n), { minLength: 3, maxLength: 3 });
  const rest = { rho: element, offset: element, digestSalt: element, sumSalt: element };
  return fc.record({ A: fc.constant(A), S: fc.constant(S), accs, beta: elements(3), ...rest });
};

/** Logits of which the label's is the first of the largest, where the match is 1. */
export const classification: fc.Arbitrary<twin.ClassificationTerms> = fc
  .record({
    pair,
    match: fc.constantFrom(0n, 1n),
    logits: fc.array(integer(-100n, 100n), { minLength: 4, maxLength: 4 }),
    sums: elements(2),
    pixelBeta: elements(4),
    powers: elements(4),
    salts: fc.record({ logits: element, match: element, sums: elements(2) }),
  })
  .map((terms) => (terms.match === 1n ? matching(terms) : terms));

function matching(terms: twin.ClassificationTerms): twin.ClassificationTerms {
  const logits = [...terms.logits];
  const [label, best] = [twin.label(terms.pair), twin.largest(logits)];
  [logits[label], logits[best]] = [logits[best]!, logits[label]!];
  const first = twin.largest(logits);
  if (first !== label) logits[first]!--;
  return twin.largest(logits) === label ? { ...terms, logits } : matching({ ...terms, logits });
}

export const thresholdTerms = fc
  .record({
    matches: fc.array(fc.constantFrom(0n, 1n), { minLength: 3, maxLength: 3 }),
    salts: elements(3),
    spare: fc.nat(3),
  })
  .map(({ matches, salts, spare }) => {
    const count = matches.filter((match) => match === 1n).length;
    return twin.threshold(matches, salts, BigInt(Math.max(0, count - spare)));
  });

const logits = fc
  .record({ logits: fc.array(integer(0n, 15n), { minLength: 3, maxLength: 3 }) })
  .map((terms): twin.Inputs => ({
    match: 1n,
    label: BigInt(twin.largest(terms.logits)),
    ...terms,
  }));

const opened = pair.map(twin.openPair);

/** Honest inputs of every subject. */
export const examples: Readonly<Record<SubjectName, fc.Arbitrary<twin.Inputs>>> = {
  bits: fc.record({ in: integer(0n, 15n) }),
  lowBits: fc.record({ in: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(reduce) }),
  isZero: fc.record({ in: element }),
  oneHot: fc.record({ index: fc.constantFrom(0n, 1n, 2n) }),
  largestLogit: fc.oneof(
    logits,
    fc.record({ match: fc.constant(0n), label: integer(0n, 2n), logits: elements(3) }),
  ),
  neuron: integer(-32n, 31n).map((acc) => {
    const { q, rem } = twin.neuron(acc, 3, 2);
    return { q: (q + p) % p, rem };
  }),
  saltedValue: fc.record({ value: element, salt: element }),
  saltedDigest: fc.record({ values: elements(3), salt: element }),
  hashMany: fc.record({ in: elements(16) }),
  imageDigest: pair.map(({ pixels }) => ({ pixels: pixels.map(BigInt) })),
  derivedLabel: opened.map(({ seed, index, r, classes, naturalGiven, natural }) => {
    return { seed, index, r, classes, naturalGiven, natural } as twin.Inputs;
  }),
  triggerOpening: opened,
  twoLimbs: block(60, 60).map(twin.block),
  'opening-tiny': fc
    .record({ opened, sessionHead: element })
    .map((terms) => ({ ...terms.opened, sessionHead: terms.sessionHead })),
  'neurons-tiny': block(3, 2).map(twin.block),
  'classification-tiny': classification.map(twin.classify),
  'fold-tiny': fc
    .record({ sums: elements(2), salts: elements(2), totalSalt: element })
    .map(({ sums, salts, totalSalt }) => twin.fold(sums, salts, totalSalt)),
  'threshold-tiny': thresholdTerms,
};
