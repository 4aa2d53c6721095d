import { expect } from 'chai';
import fc from 'fast-check';

import * as twin from '../twin/circuits.js';
import { blinding, deriveLabel, imageDigest } from '../twin/commitment.js';
import { hashMany, p } from '../twin/poseidon.js';
import { examples } from './examples.js';
import { circuit, compiling } from './support.js';
import { type SubjectName, subjects, testTag } from './templates.js';

const one = (value: bigint | bigint[] | undefined): bigint => value as bigint;
const list = (value: bigint | bigint[] | undefined): bigint[] => value as bigint[];
const signed = (value: bigint): bigint => (value > p / 2n ? value - p : value);
const indexed = (name: string, values: readonly bigint[]): Record<string, bigint> =>
  Object.fromEntries(values.map((value, i) => [`${name}[${i}]`, value]));

/** Outputs of the templates; whole circuits have none: their digests are inputs, and a wrong one has no witness. */
const outputs: Partial<Record<SubjectName, (inputs: twin.Inputs) => Record<string, bigint>>> = {
  bits: (inputs) => indexed('out', twin.bits(one(inputs['in']), 4)),
  lowBits: (inputs) => ({ out: one(inputs['in']) % 2n ** 128n }),
  isZero: (inputs) => ({ out: inputs['in'] === 0n ? 1n : 0n }),
  oneHot: (inputs) =>
    indexed(
      'out',
      [0n, 1n, 2n].map((k) => (k === inputs['index'] ? 1n : 0n)),
    ),
  neuron: (inputs) => {
    const acc = signed(one(inputs['q'])) * 4n + one(inputs['rem']);
    const { out, packed } = twin.neuron(acc, 3, 2);
    return { acc: (acc + p) % p, out, packed };
  },
  saltedValue: ({ value, salt }) => ({ out: twin.saltedValue(testTag, one(value), one(salt)) }),
  saltedDigest: ({ values, salt }) => ({
    out: twin.saltedDigest(testTag, list(values), one(salt)),
  }),
  hashMany: (inputs) => ({ out: hashMany(testTag, list(inputs['in'])) }),
  imageDigest: ({ pixels }) => ({
    out: imageDigest([2, 2, 1], Uint8Array.from(list(pixels).map(Number))),
  }),
  derivedLabel: ({ seed, index, r, natural, classes }) => {
    const u = blinding(one(seed), Number(index), one(r));
    return { u, label: BigInt(deriveLabel(u, Number(natural), Number(classes))) };
  },
};

describe('honest witnesses', () => {
  for (const name of Object.keys(subjects) as SubjectName[]) {
    it(`of ${name} satisfy it and agree with the twin`, async function () {
      this.timeout(compiling);
      const compiled = await circuit(name);
      await fc.assert(
        fc.asyncProperty(examples[name], async (inputs) => {
          const witness = await compiled.witness(inputs);
          expect(compiled.constraints.broken(witness)).to.deep.equal([]);
          for (const [label, value] of Object.entries(outputs[name]?.(inputs) ?? {})) {
            expect(witness[compiled.signal(label)], label).to.equal(value);
          }
        }),
        { numRuns: name.endsWith('-tiny') || name === 'derivedLabel' ? 25 : 15 },
      );
    });
  }
});
