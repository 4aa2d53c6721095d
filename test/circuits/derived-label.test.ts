import { expect } from 'chai';

import * as twin from '../twin/circuits.js';
import { labelCommitment } from '../twin/commitment.js';
import { p } from '../twin/poseidon.js';
import { invert } from './constraints.js';
import { bitsOf, forge } from './forge.js';
import { completionsOf, expectAccepted, expectRefused } from './refused.js';
import { type Circuit, circuit, compiling } from './support.js';
import { unchecked } from './unchecked.js';

const shape = [2, 2, 1];
const base = { shape, pixels: [1, 2, 3, 4], r: 5n, seed: 6n, index: 7 };

function inputsOf(classes: number, natural: number, r = 5n) {
  const given = natural < classes ? 1n : 0n;
  const [K, n] = [BigInt(classes), BigInt(natural)];
  return { seed: 6n, index: 7n, r, classes: K, naturalGiven: given, natural: n };
}

describe('DerivedLabel', () => {
  let derived: Circuit;
  before(async function () {
    this.timeout(compiling);
    derived = await circuit('derivedLabel');
  });
  const value = (witness: readonly bigint[], name: string): bigint =>
    witness[derived.signal(name)]!;

  it('accepts every natural class up to K, and no other', async () => {
    for (const classes of [3, 4]) {
      for (let natural = 0; natural <= classes; natural++) {
        const honest = await derived.witness(inputsOf(classes, natural));
        expectAccepted(derived, honest);
        expect(value(honest, 'label') === BigInt(natural)).to.be.false;
      }
      const honest = await derived.witness(inputsOf(classes, 1));
      const beyond = forge(derived, honest, { natural: BigInt(classes) + 1n });
      expectRefused(derived, beyond, /^natural|^difference|^label/);
      expect(derived.broken(beyond).some((names) => names.includes('naturalBound.out[0]'))).to.be
        .true;
      const below = forge(derived, honest, { natural: -1n });
      expectRefused(derived, below, /^natural|^difference|^label/);
    }
  });

  it('lets nobody name a natural class where none is given', async () => {
    const honest = await derived.witness(inputsOf(4, 1));
    expectRefused(derived, forge(derived, honest, { naturalGiven: 0n }), /^naturalGiven/);
  });

  it('treats a flag other than 1 as 0, should a verifier forget to check it', async () => {
    for (const naturalGiven of [2n, p - 1n]) {
      const none = await derived.witness(inputsOf(4, 4));
      expectAccepted(derived, forge(derived, none, { naturalGiven }));
      const named = await derived.witness(inputsOf(4, 1));
      expectRefused(derived, forge(derived, named, { naturalGiven }), /^naturalGiven/);
    }
  });

  it('refuses a label one beside the derived one', async () => {
    for (let natural = 0; natural <= 4; natural++) {
      const honest = await derived.witness(inputsOf(4, natural));
      for (const step of [1n, -1n]) {
        const forged = forge(derived, honest, { label: value(honest, 'label') + step });
        expect(derived.broken(forged)).not.to.be.empty;
        for (const names of derived.broken(forged)) expect(names).to.include('label');
      }
    }
  });

  it('refuses the modulus of the other kind of pair', async () => {
    const named = await derived.witness(inputsOf(4, 1));
    expectNoHint(forge(derived, named, { modulus: 4n }));
    const none = await derived.witness(inputsOf(4, 4));
    expectNoHint(forge(derived, none, { modulus: 3n }));
    expectNoHint(forge(derived, none, { modulus: 3n, 'none.inverse': 1n }));
  });

  const expectNoHint = (forged: readonly bigint[]): void => {
    const broken = derived.broken(forged);
    expect(broken).not.to.be.empty;
    expect(broken.flat()).to.include('modulus');
  };

  it('refuses a remainder of the modulus or more, and a negative one', async () => {
    for (const r of [1n, 2n, 3n, 4n]) {
      const honest = await derived.witness(inputsOf(2, 2, r));
      const [v, quotient] = [value(honest, 'v'), value(honest, 'quotient')];
      for (const turns of [1n, -1n]) {
        const other = v + turns * 2n;
        const label = other < 2n ? other : other + 1n;
        const hints = { v: other, quotient: quotient - turns, label };
        const forged = forge(derived, honest, {
          ...hints,
          ...bitsOf(derived, 'quotientBits', quotient - turns),
          ...bitsOf(derived, 'vBits', other),
          ...bitsOf(derived, 'vBound', 1n - other),
          ...bitsOf(derived, 'difference', other - 2n + 8n),
        });
        const broken = derived.broken(forged);
        const bound = turns === 1n ? 'vBound.out[0]' : 'vBits.out[0]';
        expect(broken).to.have.lengthOf(1);
        expect(broken[0]).to.include(bound);
      }
      // A quotient of the field: any v would do, were the quotient not in range.
      const inverse = forge(derived, honest, {
        v: 1n - v,
        quotient: (value(honest, 'low.out') - 1n + v) * invert(2n),
        label: 1n - v,
        ...bitsOf(derived, 'vBits', 1n - v),
        ...bitsOf(derived, 'vBound', v),
        ...bitsOf(derived, 'difference', 1n - v - 2n + 8n),
      });
      const broken = derived.broken(inverse);
      expect(broken).to.have.lengthOf(1);
      expect(broken[0]).to.include('quotientBits.out[0]');
    }
  });

  it('has no witness for impossible numbers of classes, and label 0 for one class', async () => {
    const honest = await derived.witness(inputsOf(3, 1));
    for (const [classes, natural] of [
      [0n, 0n],
      [1n, 0n],
      [2n ** 253n, 1n],
    ] as const) {
      const forged = forge(derived, honest, { classes, natural });
      expect(derived.broken(forged)).not.to.be.empty;
      expect(completionsOf(derived, forged)).to.equal(0);
    }
    // One class and no natural one: a verifier that allowed it would prove that the label is 0.
    const labels = new Set<bigint>();
    for (let r = 0n; r < 12n; r++) {
      const inputs = { ...inputsOf(2, 2, r), classes: 1n, natural: 1n };
      const witness = await derived.witness(inputs).catch(() => undefined);
      if (witness) labels.add(value(witness, 'label'));
    }
    expect([...labels]).to.deep.equal([0n]);
  });
});

describe('Opening', () => {
  let opening: Circuit;
  before(async function () {
    this.timeout(compiling);
    opening = await circuit('opening-tiny');
  });

  it('refuses the label beside the derived one, committed as it should be', async () => {
    for (const natural of [0, 1, 2, 3, 4]) {
      const pair = { ...base, classes: 4, natural, naturalGiven: natural < 4 };
      const inputs = { sessionHead: 9n, ...twin.openPair(pair) };
      const honest = await opening.witness(inputs);
      expectAccepted(opening, honest);
      const label = twin.label(pair);
      const u = honest[opening.signal('opening.committed.inputs[2]')]!;
      for (const other of [label + 1, label - 1].filter((l) => l >= 0)) {
        const name = opening.has('opening.label') ? 'opening.label' : 'label';
        const forged = forge(opening, honest, {
          labelCommitment: labelCommitment(other, u),
          ...(opening.has(name) ? { [name]: BigInt(other) } : {}),
        });
        expectRefused(opening, forged, /label|difference|\.v$/);
      }
    }
  });

  it('refuses another image, class or randomness behind the same commitments', async () => {
    const pair = { ...base, classes: 4, natural: 1, naturalGiven: true };
    const honest = { sessionHead: 9n, ...twin.openPair(pair) };
    const cheat = await unchecked('opening-tiny');
    for (const change of [{ pixels: [2n, 2n, 3n, 4n] }, { natural: 2n }, { r: 6n }, { seed: 1n }]) {
      const forged = await cheat({ ...honest, ...change });
      expectRefused(opening, forged, /^(trigger|label)Commitment$/);
    }
  });

  it('binds the session’s head', async () => {
    const pair = { ...base, classes: 4, natural: 1, naturalGiven: true };
    const honest = await opening.witness({ sessionHead: 9n, ...twin.openPair(pair) });
    const other = honest.map((v, signal) => (signal === opening.signal('sessionHead') ? 8n : v));
    expect(opening.broken(other)).to.have.lengthOf(1);
  });
});
