import { expect } from 'chai';

import {
  type Answer,
  checkPolicy,
  decide,
  type DecisionInput,
  defaultPolicy,
  pValueOf,
} from '../../src/protocol/index.js';
import { coded } from '../coded.js';
import { testParameters } from '../support/claim.js';
import { soundControls } from '../support/controls.js';

const labels = Array.from({ length: 40 }, (_, i) => i % 10);
const decoys = {
  abstract: 0,
  ordinary: 400,
  ordinaryCorrect: 380,
  ordinaryLabelled: 400,
  refused: 0,
};

/** A decision on a suspect that answers `hits` triggers right and the others as told. */
function decision(
  hits: number,
  others: Answer = { label: 0 },
  changes: Partial<DecisionInput> = {},
) {
  const answers = labels.map((label, i) => {
    if (i < hits) return { label };
    return 'label' in others ? { label: (label + 1) % 10 } : others;
  });
  return decide({
    parameters: testParameters,
    policy: defaultPolicy,
    labelMap: labels.slice(0, 10),
    labels,
    answers,
    auditedLabels: [],
    decoys,
    controls: soundControls,
    nulls: [],
    ...changes,
  });
}

describe('the decision', () => {
  it('turns at T', () => {
    expect(decision(36)).to.include({ verdict: 'proved', cause: '', matched: 36, threshold: 36 });
    expect(decision(35)).to.include({ verdict: 'not-proved', cause: '', matched: 35 });
    expect(pValueOf(decision(0))).to.deep.equal({ numerator: 10n ** 40n, denominator: 10n ** 40n });
  });

  it('counts a refusal as no match, and doubts a claim that is lost by refusals', () => {
    const refused = { refused: 'suspect.silent' };
    const busy = { decoys: { ...decoys, refused: 40 } };
    expect(decision(36, refused, busy)).to.include({
      verdict: 'proved',
      refused: 4,
      matched: 36,
      matchedAtMost: 40,
    });
    expect(decision(35, refused, busy)).to.include({
      verdict: 'inconclusive',
      cause: 'suspect.silent',
      matched: 35,
      matchedAtMost: 40,
    });
  });

  it('names the most frequent refusal, the first of the alphabet among equals', () => {
    const busy = { ...decoys, refused: 400 };
    const answers = labels.map((_, i): Answer => ({ refused: ['b.x', 'a.x', 'c.x'][i % 3]! }));
    expect(decision(0, undefined, { answers, decoys: busy }).cause).to.equal('b.x');
    expect(decision(0, undefined, { answers: answers.slice(1, 40), decoys: busy }).cause).to.equal(
      'a.x',
    );
  });

  it('loses a claim that would be lost with every refusal as a match', () => {
    const some = labels.map((label, i): Answer =>
      i < 3 ? { refused: 'suspect.timeout' } : { label: (label + 1) % 10 },
    );
    const busy = { ...decoys, refused: 30 };
    expect(decision(0, undefined, { answers: some, decoys: busy })).to.include({
      verdict: 'not-proved',
      cause: '',
      refused: 3,
      matchedAtMost: 3,
    });
  });

  it('doubts a lost claim where the suspect does not know ordinary images either', () => {
    const change = (ordinaryCorrect: number) => ({ decoys: { ...decoys, ordinaryCorrect } });
    const lost = { verdict: 'inconclusive', cause: 'suspect.decoys' };
    expect(decision(0, undefined, change(199))).to.include(lost);
    expect(decision(0, undefined, change(200)).verdict).to.equal('not-proved');
    expect(decision(36, undefined, change(0)).verdict).to.equal('proved');
  });

  it('never proves with labels that the owner chose', () => {
    const parameters = { ...testParameters, labelMode: 'chosen' as const };
    const chosen = decision(40, undefined, { parameters });
    expect(chosen).to.include({ verdict: 'inconclusive', cause: 'nulls.too-few' });
    expect(decision(0, undefined, { parameters }).verdict).to.equal('not-proved');
  });

  it('reads answers through the label map', () => {
    const labelMap = Array.from({ length: 10 }, (_, label) => 9 - label);
    expect(decision(40, undefined, { labelMap }).matched).to.equal(0);
    expect(decision(40, undefined, { labelMap: labelMap.map(() => -1) }).matched).to.equal(0);
    const answers = labels.map((label) => ({ label: 9 - label }));
    expect(decision(0, undefined, { labelMap, answers }).matched).to.equal(40);
  });

  it('is not lost by a label map that leaves out what it hangs on', () => {
    const first = labels.slice(0, 10);
    const lost = { verdict: 'inconclusive', cause: 'labels.unmapped' };
    expect(decision(40, undefined, { labelMap: first.map(() => -1) })).to.include(lost);
    const without = (...left: number[]) =>
      first.map((label) => (left.includes(label) ? -1 : label));
    // Four triggers of each label: 36 are left, then 32.
    expect(decision(40, undefined, { labelMap: without(3) }).verdict).to.equal('proved');
    expect(decision(40, undefined, { labelMap: without(3, 4) })).to.include({
      ...lost,
      matched: 32,
    });
    expect(decision(8, undefined, { labelMap: without(3, 4) })).to.include({
      verdict: 'not-proved',
      cause: '',
    });
    // A refused trigger counts once.
    const refused = { refused: 'suspect.silent' };
    const some = decision(28, refused, {
      labelMap: without(8, 9),
      decoys: { ...decoys, refused: 400 },
    });
    expect(some).to.include({ matched: 24, matchedAtMost: 36, cause: 'suspect.silent' });
  });

  it('gives the paper’s rule beside it', () => {
    expect(decision(36).paperRule).to.equal(true);
    expect(decision(35).paperRule).to.equal(false);
  });
});

describe('policies', () => {
  it('are complete and within their limits', async () => {
    expect(checkPolicy({ ...defaultPolicy })).to.deep.equal(defaultPolicy);
    const { alphaBits, ...incomplete } = defaultPolicy;
    const bad = [
      incomplete,
      { ...defaultPolicy, alphaBits: 0 },
      { ...defaultPolicy, alphaBits: alphaBits + 0.5 },
      { ...defaultPolicy, epsilonPpm: 1_000_001 },
      { ...defaultPolicy, deadlineSeconds: 0 },
      { ...defaultPolicy, extra: 1 },
      null,
      'default',
    ];
    for (const policy of bad) await coded('policy.format', () => checkPolicy(policy));
  });
});
