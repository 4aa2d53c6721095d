import { expect } from 'chai';
import fc from 'fast-check';

import { blur, keepBits, mirror } from '../../../src/attacks/kinds/input-transforms.js';
import { shape } from '../../training/fixtures.js';
import { attacked, marked, test } from '../bench.js';

const colour = { height: 2, width: 3, channels: 3 };

describe('attacks/kinds/input-transforms', () => {
  it('keep the upper bits of a byte, stretched over all grey levels', () => {
    const levels = (bits: number) => [
      ...new Set(Array.from({ length: 256 }, (_, byte) => keepBits(byte, bits))),
    ];
    expect(levels(1)).to.deep.equal([0, 255]);
    expect(levels(2)).to.deep.equal([0, 85, 170, 255]);
    expect(levels(8)).to.deep.equal([...Array(256).keys()]);
    expect([63, 64, 127, 128, 191, 192].map((byte) => keepBits(byte, 2))).to.deep.equal([
      0, 85, 85, 170, 170, 255,
    ]);
  });

  it('mirror left and right, pixel by pixel', () => {
    const image = Uint8Array.from({ length: 18 }, (_, i) => i);
    expect([...mirror(image, colour)]).to.deep.equal([
      ...[6, 7, 8, 3, 4, 5, 0, 1, 2],
      ...[15, 16, 17, 12, 13, 14, 9, 10, 11],
    ]);
    expect(mirror(mirror(image, colour), colour)).to.deep.equal(image);
  });

  it('blur as a Gaussian does: nothing constant, each channel for itself, alike both ways', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.double({ min: 0, max: 4, noNaN: true }), (byte, deviation) => {
        const constant = new Uint8Array(18).fill(byte);
        expect(blur(constant, colour, deviation)).to.deep.equal(constant);
      }),
    );
    const green = Uint8Array.from({ length: 18 }, (_, i) => (i % 3 === 1 ? 10 * i : 0));
    blur(green, colour, 1).forEach((byte, i) => {
      expect(byte > 0).to.equal(i % 3 === 1);
    });
    const wide = { height: 9, width: 9, channels: 1 };
    const point = new Uint8Array(81);
    point[40] = 255;
    const blurred = blur(point, wide, 1);
    // exp(0)² and exp(−1/2) of the weights' sum, which is all but √(2π).
    expect(blurred[40]).to.equal(Math.round(255 / (2 * Math.PI)));
    expect(blurred[41]).to.equal(Math.round((255 * Math.exp(-0.5)) / (2 * Math.PI)));
    expect([31, 49, 39].map((at) => blurred[at])).to.deep.equal(Array(3).fill(blurred[41]));
    expect(blur(point, wide, 0)).to.deep.equal(point);
  });

  it('change each image alone, to as many bytes, before the model that was stolen', async () => {
    const given = { jpeg: '90', blur: '0,1', noise: '16', bits: '4', flip: 'yes' };
    const { candidates, record } = await attacked('inputs', given);
    expect(candidates.map(({ label }) => label)).to.deep.equal([
      ...['JPEG quality 90', 'blur 0', 'blur 1'],
      ...['noise 16', '4 bits a pixel', 'mirrored'],
    ]);
    const pixels = test.pixels.subarray(0, 3 * 36);
    for (const { classifier, label, transform } of candidates) {
      expect(classifier).to.equal(await marked());
      const before = pixels.slice();
      const out = await transform!(pixels, 3);
      expect(pixels).to.deep.equal(before);
      expect(out.length, label).to.equal(108);
      if (label === 'blur 0') expect(out).to.deep.equal(before);
      else expect(out, label).not.to.deep.equal(before);
      if (label.startsWith('noise')) continue;
      const second = await transform!(pixels.subarray(36, 72), 1);
      expect(out.slice(36, 72), label).to.deep.equal(second);
    }
    const jpeg = await candidates[0]!.transform!(pixels, 3);
    const error = jpeg.reduce((sum, byte, i) => sum + Math.abs(byte - pixels[i]!), 0) / 108;
    expect(error).to.be.within(0.1, 20);
    expect(record.points[1]!.after).to.deep.equal(record.before);
    // `left` and `right` of the fixtures change places.
    expect(record.points[5]!.after.test.correct).to.be.within(15, 25);
    expect(shape.width).to.equal(6);
  });

  it('add noise of the deviation that they say', async () => {
    const { candidates } = await attacked('inputs', { noise: '20', flip: 'no' });
    const { transform } = candidates.find(({ label }) => label === 'noise 20')!;
    const out = await transform!(new Uint8Array(36 * 200).fill(128), 200);
    const squares = out.reduce((sum, byte) => sum + (byte - 128) ** 2, 0) / out.length;
    expect(Math.sqrt(squares)).to.be.closeTo(20, 0.7);
  });
});
