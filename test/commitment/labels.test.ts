import { expect } from 'chai';
import fc from 'fast-check';

import {
  dealPairs,
  deriveLabel,
  labelCommitment,
  triggerCommitment,
} from '../../src/commitment/index.js';
import { imageDigest } from '../../src/commitment/hashing.js';
import { fieldFromHex, fieldOrder, fieldToHex, taggedPoseidon } from '../../src/crypto/index.js';
import { testParameters } from '../support/claim.js';
import { vectors } from '../support/vectors.js';
import {
  deal,
  deriveLabel as twinLabel,
  imageDigest as twinDigest,
  type Terms,
} from '../twin/commitment.js';

const element = fc.bigInt({ min: 0n, max: fieldOrder - 1n });
const { labels, triggerCommitments } = vectors('labels');

describe('derived labels', () => {
  it('and their commitments are those of the vectors', () => {
    for (const { classes, natural, seed, index, r, ...expected } of labels) {
      const derived = deriveLabel({
        seed: fieldFromHex(seed),
        index,
        r: fieldFromHex(r),
        natural,
        classes,
      });
      expect(fieldToHex(derived.u)).to.equal(expected.u);
      expect(derived.label).to.equal(expected.label);
      expect(fieldToHex(labelCommitment(derived.label, derived.u))).to.equal(
        expected.labelCommitment,
      );
    }
  });

  it('are never the natural class, always a class, and what the twin derives', () => {
    const cases = fc
      .integer({ min: 3, max: 1000 })
      .chain((classes) => fc.record({ classes: fc.constant(classes), natural: fc.nat(classes) }));
    fc.assert(
      fc.property(
        cases,
        element,
        element,
        fc.nat(20_000),
        ({ classes, natural }, seed, r, index) => {
          const { label, u } = deriveLabel({ seed, index, r, natural, classes });
          expect(label)
            .to.be.within(0, classes - 1)
            .and.not.equal(natural);
          expect(label).to.equal(twinLabel(u, natural, classes));
        },
      ),
    );
  });

  it('are close to uniform, with and without a natural class', () => {
    for (const natural of [4, 0, 2, 3]) {
      const counts = new Array<number>(4).fill(0);
      for (let index = 0; index < 2000; index++) {
        counts[deriveLabel({ seed: 5n, index, r: 6n, natural, classes: 4 }).label]!++;
      }
      const expected = natural === 4 ? 500 : 2000 / 3;
      counts.forEach((count, label) => {
        expect(count).to.be.closeTo(label === natural ? 0 : expected, label === natural ? 0 : 110);
      });
    }
  });
});

describe('commitments to triggers', () => {
  it('are those of the vectors', () => {
    for (const {
      imageDigest: digest,
      natural,
      r,
      triggerCommitment: expected,
    } of triggerCommitments) {
      const inputs = [fieldFromHex(digest), BigInt(natural), fieldFromHex(r)];
      expect(fieldToHex(taggedPoseidon('veilmark/trigger/1', inputs))).to.equal(expected);
    }
  });

  it('change with every pixel, the shape, the natural class and r', () => {
    const shape = { height: 2, width: 3, channels: 1 } as const;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), fc.nat(5), (pixels, at) => {
        const digest = imageDigest({ shape, pixels });
        expect(digest).to.equal(twinDigest([2, 3, 1], pixels));
        const other = pixels.map((value, i) => (i === at ? value ^ 1 : value));
        expect(imageDigest({ shape, pixels: other })).not.to.equal(digest);
        const turned = { height: 3, width: 2, channels: 1 };
        expect(imageDigest({ shape: turned, pixels })).not.to.equal(digest);
        const image = { shape, pixels };
        const one = triggerCommitment({ image, natural: 0, r: 1n });
        expect(triggerCommitment({ image, natural: 1, r: 1n })).not.to.equal(one);
        expect(triggerCommitment({ image, natural: 0, r: 2n })).not.to.equal(one);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the deal', () => {
  const sizes = fc.record({
    batches: fc.integer({ min: 1, max: 5 }),
    batchSize: fc.integer({ min: 1, max: 20 }),
    audited: fc.integer({ min: 1, max: 30 }),
  });

  it('puts each pair in exactly one place, as the twin does', () => {
    fc.assert(
      fc.property(sizes, element, ({ batches, batchSize, audited }, seed) => {
        const counts = { hidden: batches * batchSize, batchSize, audited };
        const order = dealPairs({ ...testParameters, ...counts }, seed);
        expect(order).to.deep.equal(deal(counts as Terms, seed));
        const all = [...order.audited, ...order.batches.flat()].sort((a, b) => a - b);
        expect(all).to.deep.equal(all.map((_, i) => i));
        expect(all).to.have.length(counts.hidden + audited);
        expect(order.batches.every((batch) => batch.length === batchSize)).to.equal(true);
      }),
    );
  });
});
