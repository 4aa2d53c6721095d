import { expect } from 'chai';

import * as twin from '../twin/circuits.js';
import { p } from '../twin/poseidon.js';
import { forge } from './forge.js';
import { completionsOf, expectAccepted, expectRefused } from './refused.js';
import { type Circuit, circuit, compiling } from './support.js';
import { unchecked } from './unchecked.js';

describe('LargestLogit', () => {
  let largest: Circuit;
  let cheat: Awaited<ReturnType<typeof unchecked>>;
  before(async function () {
    this.timeout(compiling);
    largest = await circuit('largestLogit');
    cheat = await unchecked('largestLogit');
  });
  const inputs = (match: bigint, label: bigint, logits: bigint[]) => ({ match, label, logits });
  const accepts = async (...of: Parameters<typeof inputs>): Promise<void> => {
    expectAccepted(largest, await cheat(inputs(...of)));
  };
  const refuses = async (...of: Parameters<typeof inputs>): Promise<void> => {
    expectRefused(largest, await cheat(inputs(...of)), /^margin/);
  };

  it('accepts the label of the largest logit, and without a match any', async () => {
    await accepts(1n, 1n, [3n, 9n, 8n]);
    await refuses(1n, 2n, [3n, 9n, 8n]);
    await accepts(0n, 2n, [3n, 9n, 8n]);
    await accepts(0n, 0n, [0n, p - 1n, 2n ** 200n]);
  });

  it('takes the first of equals', async () => {
    await accepts(1n, 0n, [5n, 5n, 1n]);
    await refuses(1n, 1n, [5n, 5n, 1n]);
    await accepts(1n, 1n, [4n, 5n, 5n]);
    await refuses(1n, 2n, [4n, 5n, 5n]);
    await refuses(1n, 2n, [5n, 5n, 5n]);
    await accepts(1n, 0n, [p - 5n, p - 5n, p - 5n]);
  });

  it('has differences up to 2^B − 1, and no wrap around', async () => {
    await accepts(1n, 0n, [15n, 0n, 5n]);
    await refuses(1n, 0n, [16n, 0n, 5n]);
    await accepts(1n, 1n, [0n, 16n, 5n]);
    await refuses(1n, 1n, [0n, 17n, 5n]);
    for (const far of [2n ** 253n, p - 1n, (p - 1n) / 2n]) await refuses(1n, 0n, [far, 0n, 0n]);
    // Close together around the field's end, −1 is smaller than 0.
    await accepts(1n, 0n, [1n, p - 1n, p - 2n]);
    await refuses(1n, 1n, [1n, p - 1n, p - 2n]);
  });

  it('has no label outside', async () => {
    for (const label of [3n, -1n, p / 2n]) {
      for (const match of [0n, 1n]) {
        expect(completionsOf(largest, await cheat(inputs(match, label, [1n, 1n, 1n])))).to.equal(0);
      }
    }
  });

  it('leaves it to its caller that the match is a bit', async () => {
    // A match of 1/2 halves the margins: what the constraint in Classification is for.
    await accepts(2n, 0n, [7n, 0n, 0n]);
    const half = (p + 1n) / 2n;
    await accepts(half, 0n, [30n, 0n, 0n]);
  });
});

const pair = { shape: [2, 2, 1], pixels: [9, 0, 255, 1], natural: 4, r: 3n, index: 1, seed: 2n };
const terms: twin.ClassificationTerms = {
  pair: { ...pair, classes: 4, naturalGiven: false },
  match: 1n,
  logits: [-40n, -40n, -40n, -40n],
  sums: [123n, p - 7n],
  pixelBeta: [5n, 6n, 7n, 8n],
  powers: [11n, 121n, 1331n, 14641n],
  salts: { logits: 31n, match: 32n, sums: [33n, 34n] },
};
const label = twin.label(terms.pair);
const withLogits = (match: bigint, logits: readonly bigint[]): twin.Inputs =>
  twin.classify({ ...terms, match, logits });

describe('Classification', () => {
  let whole: Circuit;
  let cheat: Awaited<ReturnType<typeof unchecked>>;
  before(async function () {
    this.timeout(compiling);
    whole = await circuit('classification-tiny');
    cheat = await unchecked('classification-tiny');
  });
  const leading = terms.logits.with(label, 50n);

  it('accepts a match, and refuses one whose label comes second', async () => {
    expectAccepted(whole, await cheat(withLogits(1n, leading)));
    const second = leading.with((label + 1) % 4, 51n);
    expectRefused(whole, await cheat(withLogits(1n, second)), /^largest\.margin/);
    expectAccepted(whole, await cheat(withLogits(0n, second)));
  });

  it('refuses ties with a label before, and accepts those with a label after', async () => {
    for (let other = 0; other < 4; other++) {
      if (other === label) continue;
      const forged = await cheat(withLogits(1n, leading.with(other, 50n)));
      if (other < label) expectRefused(whole, forged, /^largest\.margin/);
      else expectAccepted(whole, forged);
    }
  });

  it('refuses a random check that does not close, unless there is no match', async () => {
    const off = { constant: twin.constant({ ...terms, logits: leading }) + 1n };
    expectRefused(whole, await cheat({ ...withLogits(1n, leading), ...off }), /^constant$/);
    expectAccepted(whole, await cheat({ ...withLogits(0n, leading), ...off }));
  });

  it('refuses other sums, logits, salts and match bits than those committed', async () => {
    const honest = withLogits(1n, leading);
    // Both changes leave the random check closed, or the match away.
    const changes: [Partial<twin.Inputs>, RegExp][] = [
      [{ sums: [124n, p - 8n] }, /^sumCommitments/],
      [{ sumSalts: [33n, 35n] }, /^sumCommitments/],
      [{ logitsSalt: 30n }, /^logitsDigest$/],
      [{ matchSalt: 30n }, /^matchCommitment$/],
      [{ match: 0n }, /^matchCommitment$/],
      [{ logits: leading.map((logit) => logit + 1n) }, /^(logitsDigest|constant)$/],
    ];
    for (const [change, pattern] of changes) {
      expectRefused(whole, await cheat({ ...honest, ...change } as twin.Inputs), pattern);
    }
  });

  it('refuses a match bit of 2, −1 or a half', async () => {
    const equal = terms.logits.with(label, -39n);
    for (const match of [2n, p - 1n, (p + 1n) / 2n]) {
      expectRefused(whole, await cheat(withLogits(match, equal)), /^match$/);
    }
  });

  it('refuses a product of the random check that lies', async () => {
    const honest = await cheat(withLogits(1n, leading));
    const powersTimes = forge(whole, honest, { 'logitTerms[1]': 0n });
    expect(whole.broken(powersTimes)).not.to.be.empty;
    const closed = { constant: 0n, 'logitTerms[1]': 0n, 'pixelTerms[2]': 0n };
    expect(whole.broken(forge(whole, honest, closed))).to.have.lengthOf(3);
  });
});
