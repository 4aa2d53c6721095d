import {
  blinding,
  deriveLabel,
  labelCommitment,
  labelSeed,
  type Terms,
  triggerCommitment,
} from '../commitment.js';
import { hex, p } from '../poseidon.js';
import { toHex } from './case.js';
import { drawn, smallTerms } from './small-claims.js';

const owner = drawn('labels: owner', 32);
const element = (name: string): bigint => BigInt(`0x${toHex(drawn(name, 31))}`);

const seeds: readonly { terms: Terms; triggers: readonly bigint[] }[] = [
  { terms: smallTerms, triggers: Array.from({ length: 6 }, (_, i) => element(`cT ${i}`)) },
  {
    terms: {
      ...smallTerms,
      labelMode: 'chosen',
      natural: 'given',
      classes: ['a', 'bc', 'é', '😀'],
      shape: [28, 28, 3],
      hidden: 1,
      audited: 1,
      batchSize: 1,
    },
    triggers: [0n, p - 1n],
  },
];

function labelCase(classes: number, natural: number, index: number) {
  const seed = element(`seed ${classes} ${natural}`);
  const r = element(`r ${index}`);
  const u = blinding(seed, index, r);
  const label = deriveLabel(u, natural, classes);
  return {
    classes,
    natural,
    seed: hex(seed),
    index,
    r: hex(r),
    u: hex(u),
    label,
    labelCommitment: hex(labelCommitment(label, u)),
  };
}

export function labelVectors() {
  const digest = element('digest');
  return {
    about:
      'Label seeds, derived labels and the two commitments of a pair (commitment.md). A natural class equal to the number of classes means none.',
    triggerCommitments: [0, 3, 10].map((natural) => ({
      imageDigest: hex(digest),
      natural,
      r: hex(element('r')),
      triggerCommitment: hex(triggerCommitment(digest, natural, element('r'))),
    })),
    labelSeeds: seeds.map(({ terms, triggers }) => ({
      terms,
      owner: toHex(owner),
      triggers: triggers.map(hex),
      seed: hex(labelSeed(terms, owner, triggers)),
    })),
    labels: [
      ...[2, 3, 10, 1000, 100_000].flatMap((classes) =>
        [0, 1, 2].map((index) => labelCase(classes, classes, index)),
      ),
      ...[3, 10, 1000].flatMap((classes) =>
        [0, 1, classes - 2, classes - 1].map((natural) => labelCase(classes, natural, natural + 5)),
      ),
    ],
  };
}
