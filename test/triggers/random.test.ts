import { expect } from 'chai';
import fc from 'fast-check';

import { clamp, length, smoothStep, triangle, turn, wave } from '../../src/triggers/arithmetic.js';
import { fractalNoise, noise } from '../../src/triggers/noise.js';
import { randomStream } from '../../src/triggers/random.js';

const unit = fc.double({ min: -50, max: 50, noNaN: true });

describe('draws from a seed', () => {
  it('stay in their ranges', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 1, max: 1000 }),
        (seed, bound) => {
          const random = randomStream(seed);
          for (let i = 0; i < 20; i++) {
            expect(random.integer(bound)).to.be.within(0, bound - 1);
            expect(random.unit()).to.be.within(0, 1).and.not.equal(1);
            expect(random.between(-3, 5)).to.be.within(-3, 5);
            expect(random.pick(['a', 'b'])).to.be.oneOf(['a', 'b']);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('go on past one block of the stream, evenly', () => {
    const random = randomStream(new Uint8Array(32));
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 6000; i++) counts[random.integer(6)]! += 1;
    for (const count of counts) expect(count).to.be.within(850, 1150);
  });
});

describe('arithmetic that is the same everywhere', () => {
  it('comes near the functions it stands for', () => {
    fc.assert(
      fc.property(unit, unit, (x, y) => {
        expect(wave(x)).to.be.closeTo(Math.sin(2 * Math.PI * x), 0.002);
        expect(length(x, y)).to.be.closeTo(Math.hypot(x, y), 1e-9);
        if (x !== 0 || y !== 0) {
          const off = turn(x, y) - Math.atan2(y, x) / (2 * Math.PI);
          expect(Math.abs(off - Math.round(off))).to.be.below(0.001);
        }
        expect(triangle(x)).to.be.within(-1, 1);
        expect(smoothStep(0, 1, x)).to.be.within(0, 1);
        expect(clamp(x, -1, 1)).to.be.within(-1, 1);
      }),
    );
    expect(turn(0, 0)).to.equal(0);
  });

  it('gives smooth noise of mean 0', () => {
    let sum = 0;
    for (let i = 0; i < 4000; i++) {
      const [x, y] = [i * 0.173, i * 0.311];
      const value = noise(x, y, 7);
      expect(value).to.be.within(-1.7, 1.7);
      expect(noise(x + 1e-4, y, 7)).to.be.closeTo(value, 1e-3);
      sum += value;
      expect(fractalNoise(x, y, 7, 4)).to.be.within(-2.6, 2.6);
    }
    expect(sum / 4000).to.be.closeTo(0, 0.05);
  });
});
