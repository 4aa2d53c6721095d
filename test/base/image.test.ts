import { expect } from 'chai';

import { formatShape, image, parseShape, type Shape } from '../../src/base/index.js';
import { coded } from '../coded.js';
import { fromHex, vectors } from '../support/vectors.js';

const { invalidSizes, shapes, invalidShapes } = vectors('image');
const shapeOf = ([height = 0, width = 0, channels = 0]: readonly number[]): Shape => ({
  height,
  width,
  channels,
});

describe('shapes of images', () => {
  it('are read from text and written back', () => {
    for (const [text, list] of Object.entries(shapes)) {
      const shape = parseShape(text);
      expect(shape).to.deep.equal(shapeOf(list));
      expect(parseShape(formatShape(shape))).to.deep.equal(shape);
    }
  });

  for (const { text, code } of invalidShapes) {
    it(`are not ${JSON.stringify(text)}`, () => coded(code, () => parseShape(text)));
  }

  for (const { name, shape, pixels, code } of invalidSizes) {
    it(`do not hold ${name}`, () => coded(code, () => image(shapeOf(shape), fromHex(pixels))));
  }
});
