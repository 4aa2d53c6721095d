import { expect } from 'chai';

import { bytesToHex } from '../../src/base/index.js';
import {
  createCommitment,
  decodeMark,
  encodeMark,
  imageDigest,
  labelSeed,
  openCommitment,
  openLabel,
  openPair,
  type Parameters,
  triggerCommitment,
} from '../../src/commitment/index.js';
import { fieldFromHex, fieldToHex } from '../../src/crypto/index.js';
import { coded } from '../coded.js';
import { smallClaims } from '../support/small-claims.js';
import { bytesOf, fromHex, vectors } from '../support/vectors.js';

describe('images', () => {
  it('have the digests of the vectors', () => {
    for (const { shape, pixels, digest } of vectors('image').valid) {
      const [height, width, channels] = shape;
      const picture = { shape: { height, width, channels }, pixels: fromHex(pixels) };
      expect(fieldToHex(imageDigest(picture))).to.equal(digest);
    }
  });
});

describe('label seeds', () => {
  it('are those of the vectors', () => {
    for (const { terms, owner, triggers, seed } of vectors('labels').labelSeeds) {
      const [height, width, channels] = terms.shape;
      const parameters: Parameters = {
        ...terms,
        shape: { height, width, channels },
        classNames: terms.classes,
      };
      const computed = labelSeed({
        parameters,
        owner: fromHex(owner),
        triggers: triggers.map(fieldFromHex),
      });
      expect(fieldToHex(computed)).to.equal(seed);
    }
  });
});

describe('commitment files', () => {
  const { valid, invalid } = vectors('commitment');

  valid.forEach((vector, i) => {
    it(`are made and opened as in the vectors: ${vector.name}`, () => {
      const { parameters, source, owner, file } = smallClaims()[i]!;
      const { commitment, mark } = createCommitment({ parameters, source, owner });
      expect(commitment.bytes).to.deep.equal(file);
      expect(bytesToHex(commitment.digest)).to.equal(vector.digest);
      expect(fieldToHex(commitment.labelSeed)).to.equal(vector.labelSeed);
      expect(commitment.order).to.deep.equal(vector.order);
      const openings = mark.images.map((_, index) => openPair(mark, index));
      expect(openings.map(triggerCommitment)).to.deep.equal(commitment.triggers);
      const labels = openings.map((opening) => openLabel(commitment, opening));
      expect(labels).to.deep.equal(vector.labels);
      expect(bytesToHex(encodeMark(mark))).to.equal(vector.markBytes);
      expect(decodeMark(fromHex(vector.markBytes), parameters)).to.deep.equal(mark);
    });
  });

  for (const vector of invalid) {
    it(`are refused: ${vector.name}`, () =>
      coded(vector.code, () => openCommitment(bytesOf(vector))));
  }
});
