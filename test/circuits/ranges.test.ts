import { expect } from 'chai';

import { p } from '../twin/poseidon.js';
import { type Constraints, mod, type Witness } from './constraints.js';
import { bitsOf, type Changes, forge } from './forge.js';
import { expectAccepted, expectRefused } from './refused.js';
import { type Circuit, circuit, compiling } from './support.js';
import { unchecked } from './unchecked.js';
import { completions } from './unique.js';

describe('ranges', () => {
  let bits: Circuit;
  let image: Circuit;
  let neuron: Circuit;
  let cheatNeuron: Awaited<ReturnType<typeof unchecked>>;
  let oneHot: Circuit;
  let isZero: Circuit;
  before(async function () {
    this.timeout(compiling);
    bits = await circuit('bits');
    image = await circuit('imageDigest');
    neuron = await circuit('neuron');
    cheatNeuron = await unchecked('neuron');
    oneHot = await circuit('oneHot');
    isZero = await circuit('isZero');
  });

  it('of n bits hold from 0 to 2^n − 1, and nowhere else', async () => {
    const honest = await bits.witness({ in: 5n });
    for (const value of [0n, 15n]) expectAccepted(bits, await bits.witness({ in: value }));
    for (const value of [16n, -1n, p - 16n, 2n ** 253n, (p - 1n) / 2n]) {
      expectRefused(bits, forge(bits, honest, { in: value }), /^(in|out\[3\])$/);
      const best = { in: value, ...bitsOf(bits, '', value) };
      expect(bits.broken(forge(bits, honest, best))).not.to.deep.equal([]);
    }
  });

  it('of a pixel end at 255', async () => {
    const cheat = await unchecked('imageDigest');
    const honest = await image.witness({ pixels: [255n, 0n, 1n, 128n] });
    expectAccepted(image, honest);
    for (const value of [256n, -1n, p / 256n, 2n ** 248n]) {
      expectRefused(image, await cheat({ pixels: [255n, 0n, value, 128n] }), /^bytes\[2\]/);
    }
    // Two pixels that together pack to the same number.
    const carried = await cheat({ pixels: [-1n, 1n, 1n, 128n] });
    expect(carried[image.signal('out')]).to.equal(honest[image.signal('out')]);
    expectRefused(image, carried, /^bytes\[[01]\]/);
  });

  it('of a neuron are A + 1 bits of two’s complement and S bits', async () => {
    const honest = await neuron.witness({ q: 1n, rem: 1n });
    for (const q of [7n, p - 8n]) {
      for (const rem of [0n, 3n]) expectAccepted(neuron, await neuron.witness({ q, rem }));
    }
    for (const q of [8n, -9n, p / 4n]) {
      expectRefused(neuron, await cheatNeuron({ q, rem: 1n }), /^q$/);
    }
    for (const rem of [4n, -1n]) {
      expectRefused(neuron, await cheatNeuron({ q: 1n, rem }), /^rem$/);
    }
    // The same acc in another way: q one less, the remainder 2^S more.
    const shifted = await cheatNeuron({ q: 0n, rem: 5n });
    expect(shifted[neuron.signal('acc')]).to.equal(honest[neuron.signal('acc')]);
    expectRefused(neuron, shifted, /^rem$/);
  });

  it('keep a negative pre-activation from passing ReLU', async () => {
    const honest = await neuron.witness({ q: p - 3n, rem: 1n });
    expect(honest[neuron.signal('out')]).to.equal(0n);
    for (const out of [-3n, 3n, 1n]) {
      const changed = honest.with(neuron.signal('out'), mod(out));
      expect(neuron.broken(changed)).not.to.be.empty;
    }
    const flipped: Changes = { out: -3n, ...bitsOf(neuron, 'qBits', 13n) };
    expect(neuron.broken(forge(neuron, honest, flipped))).not.to.be.empty;
  });

  it('of an index end at n − 1', async () => {
    const honest = await oneHot.witness({ index: 1n });
    for (const index of [3n, -1n, p / 2n]) {
      expectRefused(oneHot, forge(oneHot, honest, { index }), /^out|^index/);
    }
    // Twice a half is one: fractions and sums of several ones give the index, too.
    const half = mod((p + 1n) / 2n);
    for (const [a, b, c] of [
      [half, 0n, half],
      [-1n, 3n, -1n],
      [1n, 1n, 0n],
    ] as const) {
      const chosen = { index: mod(b + 2n * c), 'out[0]': a, 'out[1]': b, 'out[2]': c };
      expect(oneHot.broken(forge(oneHot, honest, chosen))).not.to.be.empty;
    }
  });

  it('of IsZero: no inverse turns a number into zero, or zero into a number', async () => {
    for (const value of [0n, 1n, p - 1n]) {
      const honest = await isZero.witness({ in: value });
      const other = 1n - honest[isZero.signal('out')]!;
      expect(isZero.broken(forge(isZero, honest, { out: other }))).not.to.be.empty;
      expect(isZero.broken(forge(isZero, honest, { out: other, inverse: 0n }))).not.to.be.empty;
      expectAccepted(isZero, honest);
    }
  });
});

describe('LowBits128', () => {
  // floor(p / 2^128)
  const top = p >> 128n;
  let low: Circuit;
  before(async function () {
    this.timeout(compiling);
    low = await circuit('lowBits');
  });

  const decomposition = (value: bigint): Changes => {
    const [high, rest] = [value >> 128n, value % 2n ** 128n];
    return {
      out: rest,
      ...bitsOf(low, 'outBits', rest),
      ...bitsOf(low, 'highBits', high),
      ...bitsOf(low, 'highBound', mod(top - 1n - high)),
    };
  };

  it('refuses v + p, which also fits into 254 bits', async () => {
    for (const value of [0n, 5n, 2n ** 200n, 2n ** 254n - p - 1n]) {
      const honest = await low.witness({ in: value });
      expectAccepted(low, honest);
      const alias = forge(low, honest, decomposition(value + p));
      expect(alias[low.signal('out')]).not.to.equal(value % 2n ** 128n);
      expectRefusedHint(alias);
    }
  });

  const expectRefusedHint = (forged: Witness): void => {
    const broken = low.broken(forged);
    expect(broken).to.have.lengthOf(1);
    expect(broken[0]!.some((name) => name.startsWith('highBound'))).to.be.true;
  };

  it('proves nothing of the highest part, and everything below', async () => {
    expectAccepted(low, await low.witness({ in: top * 2n ** 128n - 1n }));
    const honest = await low.witness({ in: 1n });
    for (const value of [top * 2n ** 128n, p - 1n]) {
      const forged = forge(low, honest, { in: value, ...decomposition(value) });
      expectRefused(low, forged, /^highBound/);
    }
  });

  it('needs the bound on its high part: without it, the search finds the alias', async () => {
    const honest = await low.witness({ in: 5n });
    const { rows } = low.constraints;
    const kept = rows.map((row) =>
      row.some(({ signal }) => low.names[signal]!.startsWith('highBound')) ? [] : row,
    );
    const weakened = Object.create(low.constraints, { rows: { value: kept } }) as Constraints;
    const start = honest.map((value, signal) =>
      low.inputs.includes(signal) || low.names[signal]!.startsWith('highBound') ? value : undefined,
    );
    expect(completions(weakened, start)).to.have.lengthOf(2);
    expect(completions(low.constraints, start)).to.have.lengthOf(1);
  });
});
