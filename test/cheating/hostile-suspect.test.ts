import { expect } from 'chai';

import type { Answer, Suspect } from '../../src/protocol/index.js';
import { expectEnding } from '../support/cheat.js';
import { markedSuspect, sharedClaim, testDecoys } from '../support/claim.js';
import { coded } from '../coded.js';
import { runSession } from '../support/session.js';

/** Attack: whoever runs the suspect answers with refusals or garbage, so that the mark does not show. */
describe('a hostile suspect', () => {
  const always = (answer: Answer): Suspect => markedSuspect(sharedClaim(), () => answer);
  const odd = (classify: Suspect['classify']): Suspect => ({ ...always({ label: 0 }), classify });

  const suspects: [string, Suspect, string][] = [
    ['refuses triggers', always({ refused: 'suspect.status-429' }), 'suspect.refuses'],
    ['answers with a class too high', always({ label: 10 }), 'suspect.refuses'],
    ['answers with a negative class', always({ label: -1 }), 'suspect.refuses'],
    ['answers with a fraction', always({ label: 0.5 }), 'suspect.refuses'],
    ['answers with NaN', always({ label: NaN }), 'suspect.refuses'],
    ['gives no answers', odd(() => Promise.resolve([])), 'suspect.missing'],
    ['makes its client fail', odd(() => Promise.reject(new Error('socket'))), 'judge.failed'],
  ];
  for (const [does, suspect, cause] of suspects) {
    it(`leaves the question open when it ${does}`, async () => {
      const { judge } = await runSession(sharedClaim(), { judge: { suspect } });
      expectEnding(judge, { verdict: 'inconclusive', cause, fault: 'nobody' });
    });
  }

  it('does not escape by refusing some triggers only', async () => {
    const suspect = markedSuspect(sharedClaim(), (label, place) =>
      place < 4 ? { refused: 'suspect.status-429' } : { label },
    );
    const { judge } = await runSession(sharedClaim(), { judge: { suspect } });
    expectEnding(judge, { verdict: 'proved', cause: '', fault: 'nobody' });
  });

  it('leaves the question open when ordinary images get wrong answers too', async () => {
    const decoys = testDecoys().map((decoy) => ({ ...decoy, kind: 'ordinary', label: 5 }) as const);
    const suspect = always({ label: 0 });
    const { judge } = await runSession(sharedClaim(), { judge: { suspect, decoys } });
    expectEnding(judge, { verdict: 'inconclusive', cause: 'suspect.decoys', fault: 'nobody' });
  });

  it('that is dead is not asked to the end', async () => {
    let asked = 0;
    const suspect = odd((images) => {
      asked += images.length;
      return Promise.resolve(images.map(() => ({ refused: 'suspect.timeout' })));
    });
    const decoys = testDecoys(400);
    const { judge } = await runSession(sharedClaim(), { judge: { suspect, decoys } });
    const report = expectEnding(judge, {
      verdict: 'inconclusive',
      cause: 'suspect.timeout',
      fault: 'nobody',
    });
    expect(asked).to.equal(100);
    expect(report.outcome.decision?.refused).to.equal(40);
  });

  it('is not asked at all when its images have another shape', async () => {
    const suspect = always({ label: 0 });
    const descriptor = { ...suspect.descriptor, shape: '8x8x1' };
    await coded('hello.suspect', () =>
      runSession(sharedClaim(), {
        judge: { suspect: { ...suspect, descriptor } },
        owner: { patienceSeconds: 0 },
      }),
    );
  });
});
