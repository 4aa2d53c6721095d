import { expect } from 'chai';

import type { Image } from '../../src/base/index.js';
import type { Answer, Suspect } from '../../src/protocol/index.js';
import { askSuspect, type Decoy, type Questions } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { noiseImages, seeded } from '../support/claim.js';
import { LineLog } from '../support/queries.js';
import { testTime } from '../support/session.js';

const shape = { height: 2, width: 2, channels: 1 };
const triggers = noiseImages('asked triggers', 5, shape);
const audited = noiseImages('asked audited', 3, shape);
const decoys = noiseImages('asked decoys', 30, shape).map((image, i): Decoy =>
  i % 2 === 0 ? { image, kind: 'abstract' } : { image, kind: 'ordinary', label: tone(image) },
);

function tone({ pixels }: Image): number {
  return (pixels[0] ?? 0) % 10;
}

describe('asking a suspect', () => {
  let asked: string[];
  beforeEach(() => {
    asked = [];
  });
  const suspect = (change: Partial<Suspect> = {}): Suspect => ({
    descriptor: {
      kind: 'test',
      identity: 'a',
      shape: '2x2x1',
      classes: 10,
      preprocessing: '',
      digest: '5d'.repeat(32),
    },
    batchSize: 4,
    classify: (images) => {
      asked.push(...images.map(({ pixels }) => pixels.join()));
      return Promise.resolve(images.map((image): Answer => ({ label: tone(image) })));
    },
    identify: () => Promise.resolve('v1'),
    close: () => Promise.resolve(),
    ...change,
  });
  const questions = (change: Partial<Questions> = {}): Questions => ({
    suspect: suspect(),
    triggers,
    audited,
    decoys,
    repeats: 6,
    session: new Uint8Array(32),
    random: seeded('asking'),
    now: () => testTime,
    ...change,
  });

  it('asks each image once, some decoys twice, and counts', async () => {
    const result = await askSuspect(questions());
    expect(asked).to.have.length(44);
    expect(new Set(asked).size).to.equal(38);
    expect(result.answers).to.deep.equal(triggers.map((image) => ({ label: tone(image) })));
    expect(result.decoys).to.deep.equal({
      abstract: 15,
      ordinary: 15,
      ordinaryCorrect: 15,
      ordinaryLabelled: 15,
      refused: 0,
    });
    const { audited: heard, identity, repeats, accuracy } = result.controls;
    expect(heard).to.deep.equal(audited.map((image) => ({ label: tone(image) })));
    expect(identity).to.equal('same');
    expect(repeats.refused).to.equal(0);
    expect(repeats.within.with + repeats.across.with).to.equal(6);
    expect(accuracy.first.with + accuracy.second.with).to.equal(15);
  });

  it('goes on after a kill at any write, and asks nothing again that was put down', async () => {
    const whole = new LineLog();
    const undisturbed = await askSuspect(questions({ log: whole }));
    for (let room = 0; room < whole.lines.length; room++) {
      asked = [];
      const log = new LineLog();
      log.room = room;
      const killed = await askSuspect(questions({ log })).then(
        () => false,
        () => true,
      );
      expect(killed).to.equal(true);
      const kept = LineLog.of(log.lines);
      const before = asked.length;
      const answered = kept.state.answers.length;
      const result = await askSuspect(questions({ log: kept }));
      expect(result).to.deep.equal(undisturbed);
      expect(asked.length - before).to.equal(44 - answered);
      expect(kept.bytes).to.deep.equal(whole.bytes);
    }
  });

  it('takes −0 for the class 0, which a log can hold', async () => {
    const odd = suspect({
      classify: (images) => Promise.resolve(images.map(() => ({ label: -0 }))),
    });
    const { answers } = await askSuspect(questions({ suspect: odd }));
    expect(answers).to.deep.equal(triggers.map(() => ({ label: 0 })));
  });

  it('puts down nothing that an interrupted call refused', async () => {
    const stop = new AbortController();
    const log = new LineLog();
    let calls = 0;
    const interrupted = suspect({
      classify: (images) => {
        if (++calls === 3) stop.abort();
        const answer: Answer = calls < 3 ? { label: 1 } : { refused: 'suspect.stopped' };
        return Promise.resolve(images.map(() => answer));
      },
    });
    const error = await askSuspect(
      questions({ suspect: interrupted, log, signal: stop.signal }),
    ).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error?.name).to.equal('AbortError');
    expect(log.state.answers).to.deep.equal(Array(8).fill({ label: 1 }));
  });

  it('refuses a log of other questions', async () => {
    const log = new LineLog();
    await askSuspect(questions({ log }));
    const others: Partial<Questions>[] = [
      { session: new Uint8Array(32).fill(1) },
      { triggers: triggers.slice(1) },
      { repeats: 5 },
      { suspect: suspect({ descriptor: { ...suspect().descriptor, identity: 'b' } }) },
    ];
    for (const change of others) {
      await coded('queries.other', () => askSuspect(questions({ log, ...change })));
    }
  });

  it('gives up a suspect that is dead, not one that refuses now and then', async () => {
    let calls = 0;
    const dead = suspect({
      classify: (images) => {
        calls++;
        return Promise.resolve(images.map(() => ({ refused: 'suspect.timeout' })));
      },
    });
    const lost = await askSuspect(questions({ suspect: dead }));
    expect(calls).to.equal(5);
    expect(lost.decoys.refused).to.equal(30);
    calls = 0;
    const moody = suspect({
      classify: (images) =>
        Promise.resolve(
          images.map((image) => (++calls % 8 === 0 ? { label: tone(image) } : { refused: 'a.b' })),
        ),
    });
    await askSuspect(questions({ suspect: moody }));
    expect(calls).to.equal(44);
  });
});
