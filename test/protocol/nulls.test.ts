import { expect } from 'chai';

import type { Parameters } from '../../src/commitment/index.js';
import {
  type Answer,
  chanceUnderNulls,
  commonestLabel,
  decide,
  type DecisionInput,
  defaultPolicy,
  isExcess,
  log2,
  nullEvidence,
  plainMapCharge,
  pValueOf,
  threshold,
} from '../../src/protocol/index.js';
import { testParameters } from '../support/claim.js';
import { soundControls } from '../support/controls.js';
import { vectors } from '../support/vectors.js';

const labels = Array.from({ length: 40 }, (_, i) => i % 10);
const chosen: Parameters = { ...testParameters, labelMode: 'chosen' };

/** Results of as many null models as numbers of matches are given. */
function nullsOf(...matches: readonly number[]) {
  return matches.map((count, i) => ({ matches: count, model: `${i}`.padStart(64, '0') }));
}
const ten = (matches: number) => nullsOf(...new Array<number>(10).fill(matches));

function decision(hits: number, changes: Partial<DecisionInput>) {
  return decide({
    parameters: testParameters,
    policy: defaultPolicy,
    labelMap: labels.slice(0, 10),
    labels,
    answers: labels.map((label, i): Answer => ({ label: i < hits ? label : (label + 1) % 10 })),
    auditedLabels: [],
    controls: soundControls,
    decoys: { abstract: 0, ordinary: 400, ordinaryCorrect: 380, ordinaryLabelled: 400, refused: 0 },
    nulls: [],
    ...changes,
  });
}

describe('null models and derived labels', () => {
  it('leave chance and threshold as they are', () => {
    const without = decision(36, {});
    expect(decision(36, { nulls: ten(4) })).to.deep.equal(without);
    expect(without.verdict).to.equal('proved');
  });

  it('doubt a win where one of them matches more often than chance allows', () => {
    // Ten tests: P[Bin(40, 1/10) ≥ 13] is 8.8e-5, P[… ≥ 12] is 3.8e-4; the level of one of them is 1e-4.
    const strange = { verdict: 'inconclusive', cause: 'nulls.match' };
    expect(decision(40, { nulls: nullsOf(13, 0, 0, 0, 0, 0, 0, 0, 0, 0) })).to.include(strange);
    expect(decision(40, { nulls: ten(12) }).verdict).to.equal('proved');
    expect(decision(40, { nulls: nullsOf(12) })).to.include(strange);
    expect(decision(40, { nulls: nullsOf(11) }).verdict).to.equal('proved');
  });

  it('are tested at the level of the policy', () => {
    const policy = { ...defaultPolicy, nullPpm: 1 };
    expect(decision(40, { policy, nulls: nullsOf(13) }).verdict).to.equal('proved');
  });

  it('cannot turn a loss', () => {
    expect(decision(35, { nulls: ten(40) })).to.include({ verdict: 'not-proved', cause: '' });
  });

  it('are counted where the policy asks for some', () => {
    const policy = { ...defaultPolicy, nullModels: 3 };
    const few = { verdict: 'inconclusive', cause: 'nulls.too-few' };
    expect(decision(40, { policy, nulls: nullsOf(4, 4) })).to.include(few);
    expect(decision(40, { policy, nulls: nullsOf(4, 4, 4) }).verdict).to.equal('proved');
    expect(decision(0, { policy }).verdict).to.equal('not-proved');
  });

  it('that answer alike are no reason: all may match a trigger because one does', () => {
    // A pooled binomial of 400 answers would call 90 of them two in 10^13; ten equal models do so for one batch in 65.
    const evidence = nullEvidence(ten(9), testParameters, defaultPolicy)!;
    expect(evidence).to.include({ models: 10, matched: 90, asked: 400, most: 9 });
    expect(isExcess(evidence, defaultPolicy)).to.equal(false);
    expect(2 ** log2(evidence.chance)).to.be.closeTo(0.155, 0.01);
  });
});

describe('null models and chosen labels', () => {
  it('fewer than ten are too few, however little they match', () => {
    const few = { verdict: 'inconclusive', cause: 'nulls.too-few' };
    expect(decision(40, { parameters: chosen })).to.include(few);
    expect(decision(40, { parameters: chosen, nulls: ten(0).slice(1) })).to.include(few);
  });

  it('ten that do not match leave a win in doubt: there is no receipt', () => {
    const open = { verdict: 'inconclusive', cause: 'labels.chosen' };
    expect(decision(40, { parameters: chosen, nulls: ten(2) })).to.include(open);
    const policy = { ...defaultPolicy, nullModels: 11 };
    expect(decision(40, { parameters: chosen, policy, nulls: ten(2) }).cause).to.equal(
      'nulls.too-few',
    );
  });

  it('give the chance of a match, rounded up, where they match more than p0', () => {
    const { threshold: needed, pValue } = decision(40, { parameters: chosen, nulls: ten(4) });
    expect(pValueOf({ pValue })).to.deep.equal({
      numerator: 154_424n ** 40n,
      denominator: 10n ** 240n,
    });
    expect(needed).to.equal(40);
    // Matches of the suspect that would have won at p0.
    expect(decision(39, { parameters: chosen, nulls: ten(4) })).to.include({
      verdict: 'not-proved',
      cause: '',
      matched: 39,
    });
  });

  it('never lower it below p0', () => {
    const evidence = nullEvidence(ten(0), chosen, defaultPolicy)!;
    expect(evidence.boundPpm).to.equal(17_122);
    expect(chanceUnderNulls(chosen, evidence)).to.deep.equal({ numerator: 1n, denominator: 10n });
  });

  it('that win as well refuse the claim, all of them or one', () => {
    for (const nulls of [
      ten(40),
      ten(30),
      nullsOf(40, ...new Array<number>(19).fill(0)),
      nullsOf(40),
    ]) {
      expect(decision(40, { parameters: chosen, nulls })).to.include({
        verdict: 'not-proved',
        cause: '',
        matched: 40,
      });
    }
  });

  it('that match everything leave no number of matches that wins', () => {
    const { threshold: needed, pValue } = decision(40, { parameters: chosen, nulls: ten(40) });
    expect(needed).to.equal(41);
    expect(pValue[0]).to.equal(pValue[1]);
  });

  it('give the thresholds of the vectors', () => {
    for (const { threshold: expected, chancePpm, c, batchSize, batches, ...bits } of vectors(
      'statistics',
    ).bounded) {
      const classNames = Array.from({ length: c }, (_, i) => `${i}`);
      const parameters = { ...chosen, classNames, batchSize, hidden: batchSize * batches };
      const { alphaBits, grindingBits, suspectBits } = bits;
      const policy = { ...defaultPolicy, alphaBits, grindingBits, suspectBits };
      const chance = { numerator: BigInt(chancePpm), denominator: 1_000_000n };
      expect(threshold(parameters, policy, plainMapCharge, chance) ?? batchSize + 1).to.equal(
        expected,
      );
    }
  });
});

describe('the commonest label', () => {
  it('comes with the chance that derivation gives any label so often', () => {
    const { label, count, chance } = commonestLabel(testParameters, [3, 1, 3, 2]);
    expect({ label, count }).to.deep.equal({ label: 3, count: 2 });
    // 10 · (C(4,2)·81 + C(4,3)·9 + 1) / 10^4
    expect(chance).to.deep.equal({ numerator: 5230n, denominator: 10_000n });
    expect(commonestLabel(testParameters, labels).chance).to.deep.equal({
      numerator: 10n ** 40n,
      denominator: 10n ** 40n,
    });
    expect(
      log2(
        commonestLabel(
          testParameters,
          labels.map(() => 7),
        ).chance,
      ),
    ).to.be.closeTo(-39 * Math.log2(10), 1e-9);
  });

  it('is one of K − 1 where images have natural classes', () => {
    const natural: Parameters = { ...testParameters, natural: 'given' };
    expect(commonestLabel(natural, [1, 1]).chance).to.deep.equal({
      numerator: 10n,
      denominator: 81n,
    });
  });
});
