import { expect } from 'chai';

import {
  type Answer,
  type ControlInput,
  type Controls,
  defaultPolicy,
  failedControl,
  type Share,
} from '../../src/protocol/index.js';

const labels = Array.from({ length: 40 }, (_, i) => i % 10);
const auditedLabels = labels.slice(0, 24);
const share = (having: number, of: number): Share => ({ of, with: having });
const decoys = {
  abstract: 200,
  ordinary: 200,
  ordinaryCorrect: 190,
  ordinaryLabelled: 200,
  refused: 0,
};
const controls: Controls = {
  accuracy: { first: share(95, 100), second: share(95, 100) },
  audited: auditedLabels.map((label) => ({ label: (label + 1) % 10 })),
  identity: 'same',
  repeats: { across: share(10, 10), refused: 0, within: share(10, 10) },
};
const missing = labels.map((label): Answer => ({ label: (label + 1) % 10 }));

function failed(changes: Partial<Controls>, others: Partial<ControlInput> = {}): string {
  return failedControl({
    policy: defaultPolicy,
    labelMap: labels.slice(0, 10),
    labels,
    answers: missing,
    auditedLabels,
    decoys,
    controls: { ...controls, ...changes },
    ...others,
  });
}

describe('the controls of a suspect', () => {
  it('find nothing in one that answers like a model', () => {
    expect(failed({})).to.equal('');
    expect(failed({ identity: 'unknown', repeats: { ...controls.repeats, refused: 5 } })).to.equal(
      '',
    );
  });

  it('find refusals of triggers, not those of everything', () => {
    const refuse = (count: number): Answer[] =>
      missing.map((answer, i) => (i < count ? { refused: 'suspect.http' } : answer));
    // C(40, 3) / C(440, 3) is 1 in 1,427, C(40, 2) / C(440, 2) is 1 in 124.
    expect(failed({}, { answers: refuse(2) })).to.equal('');
    expect(failed({}, { answers: refuse(3) })).to.equal('suspect.refuses');
    expect(failed({}, { answers: refuse(40) })).to.equal('suspect.refuses');
    const busy = { ...decoys, refused: 200 };
    expect(failed({}, { answers: refuse(20), decoys: busy })).to.equal('');
    expect(failed({}, { answers: refuse(32), decoys: busy })).to.equal('suspect.refuses');
  });

  it('find a suspect that does not know ordinary images', () => {
    expect(failed({}, { decoys: { ...decoys, ordinaryCorrect: 100 } })).to.equal('');
    expect(failed({}, { decoys: { ...decoys, ordinaryCorrect: 99 } })).to.equal('suspect.decoys');
  });

  it('find repeated questions that are answered otherwise', () => {
    const within = (alike: number) => ({ ...controls.repeats, within: share(alike, 10) });
    expect(failed({ repeats: within(9) })).to.equal('');
    expect(failed({ repeats: within(8) })).to.equal('suspect.randomises');
  });

  it('find a change in between', () => {
    const drifts = 'suspect.drifts';
    expect(failed({ identity: 'changed' })).to.equal(drifts);
    expect(
      failed({ repeats: { across: share(1, 10), refused: 0, within: share(10, 10) } }),
    ).to.equal(drifts);
    expect(
      failed({ repeats: { across: share(8, 10), refused: 0, within: share(8, 10) } }),
    ).to.equal('suspect.randomises');
    const halves = (first: number, second: number) => ({
      accuracy: { first: share(first, 100), second: share(second, 100) },
    });
    expect(failed(halves(95, 60))).to.equal(drifts);
    expect(failed(halves(60, 95))).to.equal(drifts);
    expect(failed(halves(95, 85))).to.equal('');
  });

  it('find one class, or any class, where audited pairs get others', () => {
    const constant = labels.map((): Answer => ({ label: 3 }));
    expect(failed({}, { answers: constant })).to.equal('suspect.differs');
    const modal = { audited: auditedLabels.map(() => ({ label: 3 })) };
    expect(failed(modal)).to.equal('suspect.differs');
    expect(failed(modal, { answers: constant })).to.equal('');
  });

  it('hold a mark that is there, but not enough, against nobody', () => {
    const half = labels.map((label, i): Answer => ({ label: i % 2 === 0 ? label : 3 }));
    const audited = auditedLabels.map((label, i) => ({ label: i % 2 === 0 ? label : 3 }));
    expect(failed({ audited }, { answers: half })).to.equal('');
  });

  it('are as strict as the policy', () => {
    const lax = { ...defaultPolicy, controlPpm: 0, minimumRepeatAgreementPpm: 0 };
    const odd = { repeats: { across: share(0, 10), refused: 0, within: share(10, 10) } };
    expect(failed(odd, { policy: lax })).to.equal('');
    expect(failed(odd)).to.equal('suspect.drifts');
  });
});
