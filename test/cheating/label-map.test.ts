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

  it('that sends every class to one label wins no more than chance', async () => {
    const labelMap = identity.map(() => 3);
    const { judge } = await runSession(sharedClaim(), { judge: { labelMap } });
    expectEnding(judge, { verdict: 'not-proved', cause: '', fault: 'nobody' });
  });

  it('made with knowledge of the labels can win, so that every report names it', async () => {
    const claim = sharedClaim();
    const told: number[] = [];
    const suspect = markedSuspect(claim, (label) => ({ label: 10 * told.push(label) + label }));
    const many = { ...suspect, descriptor: { ...suspect.descriptor, classes: 1000 } };
    const labelMap = Array.from({ length: 1000 }, (_, answer) => answer % 10);
    const { judge } = await runSession(claim, { judge: { suspect: many, labelMap } });
    const proved = { verdict: 'proved', cause: '', fault: 'nobody' } as const;
    const report = expectEnding(judge, proved);
    expect(report.notChecked.map(({ what }) => what)).to.include('that the label map is right');
    const plain = expectEnding((await runSession(claim)).judge, proved);
    expect(plain.notChecked.map(({ what }) => what)).not.to.include('that the label map is right');
  });
});
