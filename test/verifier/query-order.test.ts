import { expect } from 'chai';
import fc from 'fast-check';

import { bytesToHex } from '../../src/base/index.js';
import { SeededStream } from '../../src/crypto/index.js';
import { defaultPolicy, failedControl, newQueries, type Plan } from '../../src/protocol/index.js';
import { isFirstHalf, queryOrder, tally } from '../../src/verifier/index.js';

const seedOf = (name: string): string =>
  bytesToHex(new SeededStream('test/query-order', [name]).bytes(32));

function planOf(
  counts: { triggers: number; ordinary: number; abstract: number; repeats: number },
  seed: string,
): Plan {
  const kinds: [Plan['questions'][number]['kind'], number][] = [
    ['trigger', counts.triggers],
    ['audited', 24],
    ['ordinary', counts.ordinary],
    ['abstract', counts.abstract],
  ];
  return {
    questions: kinds.flatMap(([kind, count]) =>
      Array.from({ length: count }, () => ({ image: '00'.repeat(32), kind, label: -1 })),
    ),
    repeats: counts.repeats,
    seed,
    session: '00'.repeat(32),
    suspect: {
      kind: 'test',
      identity: 'a',
      shape: '1x1x1',
      classes: 10,
      preprocessing: '',
      digest: '5d'.repeat(32),
    },
  };
}

const usual = { triggers: 40, ordinary: 200, abstract: 200, repeats: 20 };

describe('the order of questions', () => {
  it('asks everything once, and as many decoys twice as the plan says', () => {
    const counts = fc.record({
      triggers: fc.integer({ min: 1, max: 20 }),
      ordinary: fc.integer({ min: 0, max: 20 }),
      abstract: fc.integer({ min: 0, max: 20 }),
      repeats: fc.integer({ min: 0, max: 50 }),
    });
    fc.assert(
      fc.property(counts, fc.string(), (some, name) => {
        const plan = planOf(some, seedOf(name.toWellFormed()));
        const order = queryOrder(plan);
        const own = order.filter(({ isRepeat }) => !isRepeat).map(({ question }) => question);
        expect(own.sort((a, b) => a - b)).to.deep.equal([...plan.questions.keys()]);
        const again = order.filter(({ isRepeat }) => isRepeat).map(({ question }) => question);
        expect(again).to.have.length(Math.min(some.repeats, some.ordinary + some.abstract));
        expect(new Set(again).size).to.equal(again.length);
        for (const question of again) {
          expect(plan.questions[question]!.kind).to.be.oneOf(['ordinary', 'abstract']);
        }
      }),
    );
  });

  it('repeats half of each kind in the same half of the order, half in the other, far apart', () => {
    const plan = planOf(usual, seedOf('pairs'));
    const order = queryOrder(plan);
    const counts = new Map<string, number>();
    order.forEach(({ question, isRepeat }, place) => {
      if (!isRepeat) return;
      const own = order.findIndex((asking) => asking.question === question && !asking.isRepeat);
      expect(Math.abs(own - place)).to.be.at.least(order.length / 8);
      const isWithin = isFirstHalf(own, order.length) === isFirstHalf(place, order.length);
      const name = `${plan.questions[question]!.kind} ${isWithin ? 'within' : 'across'}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    });
    expect([...counts.values()]).to.deep.equal([5, 5, 5, 5]);
  });

  it('is another one for another seed, and spreads the triggers evenly', () => {
    const places = Array.from({ length: 50 }, (_, i) =>
      queryOrder(planOf(usual, seedOf(`${i}`))).flatMap(({ question }, place) =>
        question < 40 ? [place] : [],
      ),
    );
    expect(new Set(places.map((list) => list.join())).size).to.equal(50);
    const all = places.flat();
    const mean = all.reduce((sum, place) => sum + place, 0) / all.length;
    // 2,000 uniform places among 484 have a mean of 241.5 ± 3.1.
    expect(mean).to.be.within(241.5 - 12.5, 241.5 + 12.5);
  });
});

describe('an honest suspect', () => {
  it('fails a control more rarely than the tests’ levels add up to', () => {
    const sessions = 2000;
    let failures = 0;
    for (let i = 0; i < sessions; i++) {
      const stream = new SeededStream('test/honest-suspect', [i]);
      const plan = planOf(usual, bytesToHex(stream.bytes(32)));
      // It gives abstract images few classes, ordinary ones the right class nine times out of ten, and is busy at times.
      const classes = plan.questions.map(({ kind }) =>
        kind === 'ordinary' ? (stream.below(10) < 9 ? 1 : 0) : Math.min(stream.below(6), 3),
      );
      const questions = plan.questions.map((question) =>
        question.kind === 'ordinary' ? { ...question, label: 1 } : question,
      );
      const answers = queryOrder(plan).map(({ question }) =>
        stream.below(50) === 0 ? { refused: 'suspect.http' } : { label: classes[question] ?? 0 },
      );
      const labels = Array.from({ length: 64 }, () => stream.below(10));
      const counted = tally({ ...plan, questions }, { ...newQueries, answers });
      const cause = failedControl({
        policy: defaultPolicy,
        labelMap: Array.from({ length: 10 }, (_, label) => label),
        labels: labels.slice(0, 40),
        auditedLabels: labels.slice(40),
        ...counted,
      });
      if (cause !== '') failures++;
    }
    // Three families of tests at 1 in 1,000: at most 6 of 2,000 are to be expected; 16 have a chance below 1 in 1,000.
    expect(failures).to.be.at.most(15);
  }).timeout(20_000);
});
