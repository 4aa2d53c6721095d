import { sha256 } from '@noble/hashes/sha2.js';
import { expect } from 'chai';
import fc from 'fast-check';

import { bytesToHex, parseShape, sizeOf } from '../../src/base/index.js';
import {
  abstractImage,
  abstractImages,
  distance,
  leastDistance,
} from '../../src/triggers/index.js';
import { coded } from '../coded.js';

const seed = (...bytes: number[]) => sha256(new Uint8Array(bytes));

/** SHA-256 of the pixels for the seed SHA-256(index): other bytes here are another generator, and need another tag. */
const pinned = {
  '28x28x1': 'dbded924b6e51d5719723988001a615be7ab6bd53dfd7f98b2eaaf08890e2153',
  '32x32x3': 'aab30771230d70a6cc0626248c6cda8ee59124181e8d349ae51383b660a21c9a',
  '17x40x3': 'a962ae83afe134c5cbf45cc84523de2b30424c85052b354941b857c49de30d61',
};

describe('abstract pictures', () => {
  it('are the same bytes for the same seed, on every machine', () => {
    for (const [text, digest] of Object.entries(pinned)) {
      const shape = parseShape(text);
      const all = Array.from({ length: 24 }, (_, i) => abstractImage({ seed: seed(i), shape }));
      const bytes = all.map(({ pixels }) => sha256(pixels));
      expect(bytesToHex(sha256(Buffer.concat(bytes))), text).to.equal(digest);
    }
  });

  it('fill any shape, and every seed gives another picture', () => {
    const shape = fc.record({
      height: fc.integer({ min: 1, max: 40 }),
      width: fc.integer({ min: 1, max: 40 }),
      channels: fc.constantFrom(1, 3),
    });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), shape, (bytes, size) => {
        const picture = abstractImage({ seed: bytes, shape: size });
        expect(picture.shape).to.deep.equal(size);
        expect(picture.pixels.length).to.equal(sizeOf(size));
        if (size.height < 12 || size.width < 12) return;
        const flipped = Uint8Array.from(bytes, (byte, i) => (i === 31 ? byte ^ 1 : byte));
        const other = abstractImage({ seed: flipped, shape: size });
        expect(other.pixels).not.to.deep.equal(picture.pixels);
      }),
      { numRuns: 60 },
    );
  });

  it('use the whole range of lightness', () => {
    for (let i = 0; i < 200; i++) {
      const { pixels } = abstractImage({ seed: seed(i, 1), shape: parseShape('28x28x1') });
      const sorted = pixels.toSorted();
      expect(sorted.at(Math.floor(0.02 * sorted.length)), `dark of ${i}`).to.be.below(48);
      expect(sorted.at(Math.floor(0.98 * sorted.length)), `light of ${i}`).to.be.above(200);
    }
  });

  it('are coloured: channels differ', () => {
    const { pixels } = abstractImage({ seed: seed(3), shape: parseShape('32x32x3') });
    const spread = Array.from({ length: 1024 }, (_, i) => {
      const colour = pixels.subarray(3 * i, 3 * i + 3);
      return Math.max(...colour) - Math.min(...colour);
    });
    expect(Math.max(...spread)).to.be.above(40);
  });

  it('refuse a seed that is not 32 bytes', async () => {
    for (const length of [0, 31, 33]) {
      const wrong = { seed: new Uint8Array(length), shape: parseShape('8x8') };
      await coded('trigger.seed', () => abstractImage(wrong));
    }
  });
});

describe('sets of abstract pictures', () => {
  it('are clearly different from each other, all 144 of a claim', () => {
    const shape = parseShape('28x28x1');
    const images = abstractImages({ seedOf: (i, attempt) => seed(i, attempt), count: 144, shape });
    for (const [i, a] of images.entries()) {
      for (const b of images.slice(i + 1)) expect(distance(a, b)).to.be.at.least(leastDistance);
    }
  });

  it('take the next attempt where a picture repeats, and only there', () => {
    const shape = parseShape('28x28x1');
    const asked: string[] = [];
    const images = abstractImages({
      seedOf: (index, attempt) => {
        asked.push(`${index}.${attempt}`);
        return index === 2 && attempt < 3 ? seed(0) : seed(index + 10 * attempt);
      },
      count: 4,
      shape,
    });
    expect(asked).to.deep.equal(['0.0', '1.0', '2.0', '2.1', '2.2', '2.3', '3.0']);
    expect(images[2]).to.deep.equal(abstractImage({ seed: seed(32), shape }));
  });

  it('give up where no attempt differs', async () => {
    const shape = parseShape('28x28x1');
    const same = { seedOf: () => seed(1), count: 2, shape };
    await coded('trigger.similar', () => abstractImages(same));
    const tiny = {
      seedOf: (i: number, a: number) => seed(i, a),
      count: 40,
      shape: parseShape('1x1'),
    };
    await coded('trigger.similar', () => abstractImages(tiny));
  });
});
