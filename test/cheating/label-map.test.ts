import { expect } from 'chai';

import { coded } from '../coded.js';
import { cheatingJudge, expectEnding } from '../support/cheat.js';
import { markedSuspect, sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: a map from the suspect's classes to the committed ones that makes any answer the right one. */
describe('a label map', () => {
  const identity = Array.from({ length: 10 }, (_, label) => label);

  for (const [what, labelMap] of [
    ['of another length', identity.slice(1)],
    ['that names an unknown class', [...identity.slice(1), 10]],
  ] as const) {
    it(`${what} is refused by the judge’s program, and puts a judge who signs it at fault`, async () => {
      await coded('hello.suspect', () =>
        runSession(sharedClaim(), { judge: { labelMap }, owner: { patienceSeconds: 0 } }),
      );
      const record = await cheatingJudge(sharedClaim(), {
        hello: ({ payload, sign }) => [sign({ payload: { ...payload, labelMap: [...labelMap] } })],
      });
      expectEnding(record, { verdict: 'invalid', cause: 'hello.suspect', fault: 'judge' });
    });
  }

  for (const classes of [10, 1000]) {
    it(`that sends many of ${classes} classes to one label cannot win: the session does not begin`, async () => {
      const claim = sharedClaim();
      const suspect = markedSuspect(claim);
      const many = { ...suspect, descriptor: { ...suspect.descriptor, classes } };
      const labelMap = Array.from({ length: classes }, (_, answer) => answer % 3);
      await coded('policy.label-map', () =>
        runSession(claim, { judge: { suspect: many, labelMap }, owner: { patienceSeconds: 0 } }),
      );
    });
  }

  it('that permutes the classes is charged for all permutations, and every report names it', async () => {
    const claim = sharedClaim();
    const turned = (label: number) => (label + 1) % 10;
    const labelMap = identity.map((answer) => (answer + 9) % 10);
    const run = (hits: number) =>
      runSession(claim, {
        judge: {
          labelMap,
          suspect: markedSuspect(claim, (label, place) => ({
            label: place < hits ? turned(label) : label,
          })),
        },
      });
    const { judge } = await run(39);
    const report = expectEnding(judge, { verdict: 'proved', cause: '', fault: 'nobody' });
    expect(judge.outcome.decision?.threshold).to.equal(39);
    expect(report.notChecked.map(({ what }) => what)).to.include('that the label map is right');
    expectEnding((await run(38)).judge, { verdict: 'not-proved', cause: '', fault: 'nobody' });
  });

  it('may hide in a list of names: reports say so of suspects that answer by name', async () => {
    const claim = sharedClaim();
    const suspect = markedSuspect(claim);
    const listed = async (kind: string) => {
      const named = { ...suspect, descriptor: { ...suspect.descriptor, kind } };
      const { judge } = await runSession(claim, { judge: { suspect: named } });
      const report = expectEnding(judge, { verdict: 'proved', cause: '', fault: 'nobody' });
      return report.notChecked.some(({ what }) => what.includes('in which order'));
    };
    expect(await listed('http-json')).to.equal(true);
    expect(await listed('tfjs')).to.equal(false);
  });

  it('that leaves every class out loses no claim, and every report names it', async () => {
    const claim = sharedClaim();
    const labelMap = identity.map(() => -1);
    const { judge } = await runSession(claim, { judge: { labelMap } });
    const ending = { verdict: 'inconclusive', cause: 'labels.unmapped', fault: 'nobody' } as const;
    const report = expectEnding(judge, ending);
    expect(report.notChecked.map(({ what }) => what)).to.include('that the label map is right');
  });
});
