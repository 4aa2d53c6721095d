import { expect } from 'chai';
import fc from 'fast-check';

import { InputError } from '../../src/base/index.js';
import {
  classOf,
  decodeNetwork,
  finishNetwork,
  type IntegerNetwork,
  project,
  runNetwork,
} from '../../src/network/index.js';
import { coded } from '../coded.js';
import { agree, checkAt, expectBinding } from './agree.js';
import * as twin from '../twin/network.js';
import { randomImage, randomNetwork, tiny } from './graphs.js';

/** Nothing for the few graphs that may leave the bounds. */
function drawn(g: fc.GeneratorValue, factor?: number): IntegerNetwork | undefined {
  try {
    return randomNetwork(g, factor);
  } catch (error) {
    if (error instanceof InputError && error.code === 'network.bounds') return undefined;
    throw error;
  }
}

describe('integer networks', () => {
  it('compute what their linear forms say, and the random check closes', () => {
    let [inRange, all] = [0, 0];
    fc.assert(
      fc.property(fc.gen(), fc.bigInt(1n, 2n ** 253n), (g, rho) => {
        const network = drawn(g);
        if (!network) return;
        const image = randomImage(g, network.shape);
        const run = agree(network, image);
        all++;
        if (!run) return;
        inRange++;
        const point = { rho, neurons: network.neurons + 2, room: network.classes + 1 };
        const { projection, values } = checkAt(network, image, run, point);
        expectBinding(projection, rho, values);
      }),
      { numRuns: 300 },
    );
    expect(inRange / all).to.be.greaterThan(0.5);
  });

  it('are read only where no form reaches 2^52 and no logit 2^38, whatever the image', () => {
    /** The greatest size of a form over all bytes and all outputs of A bits. */
    const worst = ({ constant, weights }: twin.Form, outputs: bigint): bigint => {
      let [low, high] = [constant, constant];
      for (const [leaf, weight] of weights) {
        const most = weight * (leaf.startsWith('p') ? 255n : outputs);
        if (most > 0n) high += most;
        else low += most;
      }
      return -low > high ? -low : high;
    };
    let accepted = 0;
    fc.assert(
      fc.property(fc.gen(), fc.integer({ min: 10, max: 29 }), (g, bits) => {
        const network = drawn(g, 2 ** bits);
        if (!network) return;
        accepted++;
        const { neurons, logits, header } = twin.readNetwork(network.bytes);
        const most = 2n ** BigInt(header.A) - 1n;
        for (const form of neurons) expect(worst(form, most) < 2n ** 52n).to.be.true;
        for (const form of logits) expect(worst(form, most) <= 2n ** 38n).to.be.true;
      }),
      { numRuns: 500 },
    );
    expect(accepted).to.be.within(50, 450);
  });

  it('split every pre-activation into q and rem', () => {
    const network = finishNetwork(tiny());
    const shape = network.shape;
    for (let byte = 0; byte < 256; byte++) {
      const { q, rem, logits } = runNetwork(network, { shape, pixels: Uint8Array.of(byte) });
      const acc = 3 * byte - 100;
      expect(q[0]! * 16 + rem[0]!).to.equal(acc);
      expect(rem[0]).to.be.within(0, 15);
      expect([...logits]).to.deep.equal([2 * Math.max(0, Math.floor(acc / 16)), 7]);
    }
  });

  it('give no class where a value leaves its A bits, on either side', () => {
    const at = (A: number, byte: number): number => {
      const network = finishNetwork(tiny({ A }));
      return classOf(runNetwork(network, { shape: network.shape, pixels: Uint8Array.of(byte) }));
    };
    // q = floor((3·255 − 100) / 16) = 41, and floor(−100 / 16) = −7.
    expect(at(6, 255)).to.equal(0);
    expect(at(5, 255)).to.equal(-1);
    expect(at(3, 0)).to.equal(1);
    expect(at(2, 0)).to.equal(-1);
  });

  it('give the first of equal logits', () => {
    const logits = Float64Array.of(1, 3, 3, 2);
    const none = new Float64Array();
    expect(classOf({ q: none, rem: none, logits, inRange: true })).to.equal(1);
  });

  it('refuse an image of another shape, and a projection without room', async () => {
    const network = decodeNetwork(finishNetwork(tiny()).bytes);
    const shape = { height: 1, width: 1, channels: 3 };
    await coded('network.image', () => runNetwork(network, { shape, pixels: new Uint8Array(3) }));
    expect(() => project(network, 5n, { neurons: 0, room: 16 })).to.throw(RangeError);
    expect(() => project(network, 5n, { neurons: 1, room: 1 })).to.throw(RangeError);
  });
});
