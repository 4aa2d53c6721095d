import { expect } from 'chai';

import * as twin from '../twin/circuits.js';
import { p } from '../twin/poseidon.js';
import { expectAccepted, expectRefused } from './refused.js';
import { type Circuit, circuit, compiling } from './support.js';
import { unchecked } from './unchecked.js';

type Cheat = Awaited<ReturnType<typeof unchecked>>;

describe('Neurons', () => {
  let neurons: Circuit;
  let cheat: Cheat;
  before(async function () {
    this.timeout(compiling);
    neurons = await circuit('neurons-tiny');
    cheat = await unchecked('neurons-tiny');
  });
  const terms: twin.BlockTerms = {
    A: 3,
    S: 2,
    accs: [-32n, 31n, 6n],
    beta: [7n, p - 2n, 5n],
    rho: 1234567n,
    offset: 89n,
    digestSalt: 1n,
    sumSalt: 2n,
  };

  it('accepts the extreme pre-activations and refuses those beyond', async () => {
    expectAccepted(neurons, await cheat(twin.block(terms)));
    // The twin packs them, commits to them and sums them up as if they were in range.
    for (const acc of [32n, -33n]) {
      const beyond = { ...terms, accs: [acc, 31n, 6n], beta: [0n, 7n, 5n] };
      expectRefused(neurons, await cheat(twin.block(beyond)), /^q\[0\]$/);
    }
    // The same acc from another (q, rem), where the output does not count.
    const block = twin.block({ ...terms, accs: [3n, 4n, 5n], beta: [7n, 0n, 5n] });
    const shifted = { q: [0n, 0n, 1n], rem: [3n, 4n, 1n] };
    expectRefused(neurons, await cheat({ ...block, ...shifted }), /^rem\[1\]$/);
  });

  it('refuses neurons of the same digits in other places', async () => {
    const block = twin.block({ ...terms, accs: [3n, 4n, 5n] });
    const other = twin.block({ ...terms, accs: [4n, 3n, 5n] });
    const { digest } = block;
    expectRefused(neurons, await cheat({ ...other, digest: digest! }), /^digest$/);
    // A carry from one neuron's place to the next: (q, rem) = (8, 0) is (−8, 0) and one in the next remainder.
    const [low, high] = [twin.block({ ...terms, accs: [-32n, 5n, 0n] }), [8n, 1n, 0n]];
    const carried = await cheat({ ...low, q: high, rem: [0n, 0n, 0n] });
    expectRefused(neurons, carried, /^(q\[0\]|sumCommitment)$/);
  });

  it('refuses another partial sum, salt or digest', async () => {
    const block = twin.block(terms);
    const wrong = twin.saltedValue('veilmark/partial-sum/1', twin.partialSum(terms) + 1n, 2n);
    expectRefused(neurons, await cheat({ ...block, sumCommitment: wrong }), /^sumCommitment$/);
    expectRefused(neurons, await cheat({ ...block, sumSalt: 3n }), /^sumCommitment$/);
    expectRefused(neurons, await cheat({ ...block, digestSalt: 3n }), /^digest$/);
    expectRefused(neurons, await cheat({ ...block, digest: 3n }), /^digest$/);
    for (const change of [{ rho: 5n }, { offset: 5n }, { beta: [1n, 2n, 3n] }]) {
      expectRefused(neurons, await cheat({ ...block, ...change }), /^sumCommitment$/);
    }
  });
});

describe('Fold', () => {
  it('refuses a total of anything but the sum', async function () {
    this.timeout(compiling);
    const fold = await circuit('fold-tiny');
    const cheat = await unchecked('fold-tiny');
    const honest = twin.fold([p - 1n, 5n], [1n, 2n], 3n);
    expectAccepted(fold, await cheat(honest));
    expect(honest['total']).to.equal(twin.saltedValue('veilmark/partial-sum/1', 4n, 3n));
    const total = twin.saltedValue('veilmark/partial-sum/1', 5n, 3n);
    expectRefused(fold, await cheat({ ...honest, total }), /^total$/);
    expectRefused(fold, await cheat({ ...honest, totalSalt: 4n }), /^total$/);
    // The same sum of other parts.
    expectRefused(fold, await cheat({ ...honest, sums: [0n, 4n] }), /^commitments/);
    expectRefused(fold, await cheat({ ...honest, salts: [1n, 3n] }), /^commitments/);
  });
});

describe('Threshold', () => {
  let threshold: Circuit;
  let cheat: Cheat;
  before(async function () {
    this.timeout(compiling);
    threshold = await circuit('threshold-tiny');
    cheat = await unchecked('threshold-tiny');
  });
  const claim = (matches: bigint[], least: bigint): twin.Inputs =>
    twin.threshold(matches, [4n, 5n, 6n], least);

  it('accepts T matches and refuses T − 1', async () => {
    for (const matches of [
      [0n, 0n, 0n],
      [1n, 0n, 0n],
      [1n, 0n, 1n],
      [1n, 1n, 1n],
    ]) {
      const count = BigInt(matches.filter((match) => match === 1n).length);
      for (let least = 0n; least <= 4n; least++) {
        const forged = await cheat(claim(matches, least));
        if (least <= count) expectAccepted(threshold, forged);
        else expectRefused(threshold, forged, /^surplus|^least$/);
      }
    }
  });

  it('leaves it to the verifier that T is from 1 to n', async () => {
    // T = 0 says nothing, and T = −1 is a field element that no count misses: the verifier enforces 1 to n.
    for (const least of [0n, p - 1n, p - 3n]) {
      expectAccepted(threshold, await cheat(claim([0n, 0n, 0n], least)));
    }
    const forged = await cheat(claim([0n, 0n, 0n], p - 4n));
    expectRefused(threshold, forged, /^surplus|^least$/);
  });

  it('refuses a match of 2, −1 or a half', async () => {
    for (const [match, least] of [
      [2n, 2n],
      [p - 1n, 0n],
      [(p + 1n) / 2n, 0n],
    ] as const) {
      const forged = await cheat(claim([match, 1n, 0n], least));
      expect(threshold.broken(forged).flat()).to.include('matches[0]');
      expectRefused(threshold, forged, /^matches\[0\]$|^surplus|^least$/);
    }
  });

  it('refuses another match or salt than the committed one', async () => {
    const honest = claim([0n, 1n, 1n], 2n);
    for (const change of [{ matches: [1n, 1n, 1n] }, { salts: [4n, 5n, 7n] }]) {
      expectRefused(threshold, await cheat({ ...honest, ...change }), /^commitments/);
    }
  });
});
