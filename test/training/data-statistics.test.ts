import { expect } from 'chai';
import fc from 'fast-check';

import { parseShape } from '../../src/base/index.js';
import { channelCounter, channelStatistics } from '../../src/training/data/index.js';

const shape = parseShape('1x1x3');

describe('channel statistics', () => {
  it('are mean and deviation of pixels from 0 to 1, to 4 decimals', () => {
    const pixels = Uint8Array.of(0, 255, 10, 255, 255, 20, 0, 255, 30);
    expect(channelStatistics({ shape, pixels })).to.deep.equal({
      mean: [0.3333, 1, 0.0784],
      // √(2/9); one value; 10 √(2/3) / 255.
      std: [0.4714, 1, 0.032],
    });
    expect(
      channelStatistics({ shape: parseShape('1x1x1'), pixels: new Uint8Array() }),
    ).to.deep.equal({ mean: [0], std: [1] });
  });

  it('are those of the textbook, and the same for any order and any parts', () => {
    const images = fc.array(fc.uint8Array({ minLength: 3, maxLength: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(images, (parts) => {
        const { mean, std } = channelStatistics({
          shape,
          pixels: Uint8Array.from(parts.flatMap((p) => [...p])),
        });
        for (const c of [0, 1, 2]) {
          const values = parts.map((part) => part[c]! / 255);
          const average = values.reduce((a, b) => a + b) / values.length;
          const variance = values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length;
          expect(mean[c]).to.be.closeTo(average, 0.00005001);
          if (variance > 1e-8) expect(std[c]).to.be.closeTo(Math.sqrt(variance), 0.00005001);
        }
        const counter = channelCounter(3);
        for (const part of parts.toReversed()) counter.add(part);
        expect(counter.statistics()).to.deep.equal({ mean, std });
      }),
    );
  });
});
