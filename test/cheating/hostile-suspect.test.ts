import { expect } from 'chai';

import type { Image } from '../../src/base/index.js';
import type { Answer, Suspect } from '../../src/protocol/index.js';
import type { Decoy } from '../../src/verifier/index.js';
import { expectEnding } from '../support/cheat.js';
import {
  markedSuspect,
  noiseImages,
  sharedClaim,
  testDecoys,
  testParameters,
} from '../support/claim.js';
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

  describe('that hides the mark and answers like a model otherwise', () => {
    const tone = ({ pixels }: Image): number => (pixels[0] ?? 0) % 10;
    const decoys = noiseImages('hostile decoys', 400, testParameters.shape).map(
      (image, i): Decoy =>
        i % 2 === 0 ? { image, kind: 'abstract' } : { image, kind: 'ordinary', label: tone(image) },
    );
    const ordinary = new Set(
      decoys.flatMap(({ image, kind }) => (kind === 'ordinary' ? [image.pixels.join()] : [])),
    );
    const abstract = new Set(
      decoys.flatMap(({ image, kind }) => (kind === 'abstract' ? [image.pixels.join()] : [])),
    );
    const isOrdinary = ({ pixels }: Image): boolean => ordinary.has(pixels.join());
    const audited = new Set(sharedClaim().commitment.audit.map(({ image }) => image.pixels.join()));
    const isTrigger = (image: Image): boolean =>
      !isOrdinary(image) && !abstract.has(image.pixels.join()) && !audited.has(image.pixels.join());

    /** Answers by a rule that sees the image and how many it was asked before. */
    const hiding = (rule: (image: Image, asked: number) => Answer): Suspect => {
      let asked = 0;
      return odd((images) => Promise.resolve(images.map((image) => rule(image, asked++))));
    };
    /** Like a die that has forgotten what it said before. */
    const atRandom = (asked: number): Answer => ({ label: ((asked * 7919) % 9973) % 10 });
    const answer = (image: Image): Answer => ({ label: tone(image) });
    const half = 234;

    const hidden: [string, Suspect, string][] = [
      [
        'refuses whatever is not ordinary',
        hiding((image) => (isOrdinary(image) ? answer(image) : { refused: 'suspect.http' })),
        'suspect.refuses',
      ],
      [
        'answers one question in five at random',
        hiding((image, asked) => (asked % 5 === 0 ? atRandom(asked) : answer(image))),
        'suspect.randomises',
      ],
      [
        'answers whatever is not ordinary at random',
        hiding((image, asked) => (isOrdinary(image) ? answer(image) : atRandom(asked))),
        'suspect.randomises',
      ],
      [
        'becomes another model in the middle',
        hiding((image, asked) => ({ label: asked < half ? tone(image) : (tone(image) + 1) % 10 })),
        'suspect.drifts',
      ],
      [
        'answers one class to what it takes for triggers',
        hiding((image) => (isTrigger(image) ? { label: 3 } : answer(image))),
        'suspect.differs',
      ],
      [
        'answers what it takes for triggers at random, and other abstract images with one class',
        hiding((image, asked) => {
          if (isTrigger(image)) return atRandom(asked);
          return isOrdinary(image) ? answer(image) : { label: 6 };
        }),
        'suspect.differs',
      ],
      [
        'is too busy after a while',
        hiding((image, asked) => (asked < 10 ? answer(image) : { refused: 'suspect.http' })),
        'suspect.http',
      ],
    ];
    for (const [does, suspect, cause] of hidden) {
      it(`ends inconclusive when it ${does}`, async () => {
        const { judge } = await runSession(sharedClaim(), { judge: { suspect, decoys } });
        expectEnding(judge, { verdict: 'inconclusive', cause, fault: 'nobody' });
      });
    }

    it('ends inconclusive when it says itself that its model changed', async () => {
      let version = 0;
      const suspect = { ...hiding(answer), identify: () => Promise.resolve(`v${version++}`) };
      const { judge } = await runSession(sharedClaim(), { judge: { suspect, decoys } });
      expectEnding(judge, { verdict: 'inconclusive', cause: 'suspect.drifts', fault: 'nobody' });
    });

    it('ends not proved when it does none of this: nobody can tell it from another model', async () => {
      const suspect = { ...hiding(answer), identify: () => Promise.resolve('v1') };
      const { judge } = await runSession(sharedClaim(), { judge: { suspect, decoys } });
      expectEnding(judge, { verdict: 'not-proved', cause: '', fault: 'nobody' });
    });
  });
});
