import { expect } from 'chai';
import fc from 'fast-check';

import { vector } from './groth16-vector.js';
import { mutated } from './mutations.js';
import { endSnarkjs, ourAnswer, snarkjsAccepts } from './snarkjs-verifier.js';

// What snarkjs accepts and ours refuses has its own cases, in stricter.test.ts.
describe('our verifier and snarkjs', () => {
  after(endSnarkjs);

  it('accept the same honest proofs', async () => {
    for (const { key, statements } of [vector, vector.other]) {
      for (const statement of statements) {
        const given = { key, ...statement };
        expect([ourAnswer(given), await snarkjsAccepts(given)]).to.deep.equal(['accepted', true]);
      }
    }
  });

  it('agree on 1,000 changed ones', async function () {
    this.timeout(300_000);
    const answers = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(mutated, async (given) => {
        const ours = ourAnswer(given);
        answers.set(ours, (answers.get(ours) ?? 0) + 1);
        expect(await snarkjsAccepts(given), ours).to.equal(ours === 'accepted');
      }),
      { numRuns: 1000 },
    );
    // Every check of ours has been reached, and neither answer by chance alone.
    expect(answers).to.include.keys(
      ...['accepted', 'proof.false', 'proof.point', 'proof.inputs', 'key.point', 'snarkjs.format'],
    );
  });
});
