import { expect } from 'chai';

import { askNullModels, verifyTranscript } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { expectEnding } from '../support/cheat.js';
import {
  makeClaim,
  markedSuspect,
  noiseImages,
  sharedClaim,
  testPolicy,
} from '../support/claim.js';
import { nullModels } from '../support/null-models.js';
import { runSession } from '../support/session.js';

const nobody = 'nobody';

describe('a session with null models', () => {
  it('names them in its first message, and reports each in its verdict', async () => {
    const models = nullModels(3, (_, model) => model);
    const { judge } = await runSession(sharedClaim(), {
      judge: { nullModels: [models[2]!, models[0]!, models[1]!] },
    });
    const ending = { verdict: 'proved', cause: '', fault: nobody } as const;
    const { notChecked } = expectEnding(judge, ending);
    expect(notChecked[0]?.what).to.include('null models');
    if (judge.session.phase !== 'closed') return expect.fail();
    const { judgeHello, verdict, labels } = judge.session;
    expect(judgeHello.nullModels).to.deep.equal(models.map(({ digest }) => digest));
    expect(verdict.nulls).to.deep.equal(
      models.map(({ digest }, model) => ({
        matches: labels.filter((label) => label === model).length,
        model: digest,
      })),
    );
  });

  it('doubts a win of derived labels that they match too, and so does every reader', async () => {
    const claim = sharedClaim();
    const known = markedSuspect(claim);
    const [poisoned, ...others] = nullModels(2, () => 0);
    const models = [{ ...poisoned!, open: () => Promise.resolve(known) }, ...others];
    const { judge } = await runSession(claim, { judge: { nullModels: models } });
    expectEnding(judge, { verdict: 'inconclusive', cause: 'nulls.match', fault: nobody });
  });

  it('is judged again by a reader who wants more of them, or a stricter level', async () => {
    const policy = { ...testPolicy, nullPpm: 1 };
    // Matches 12 of 40 or so: rarer than one in a thousand, not than one in a million.
    const claim = sharedClaim();
    const marked = markedSuspect(claim, (label, place) => ({ label: place < 12 ? label : -1 }));
    const [one] = nullModels(1, () => 0);
    const models = [{ ...one!, open: () => Promise.resolve(marked) }];
    const { judge } = await runSession(claim, { judge: { policy, nullModels: models } });
    expect(judge.outcome.verdict).to.equal('proved');
    const reads = (changes: object) =>
      verifyTranscript(judge.transcript, {
        opened: claim.commitment,
        policy: { ...testPolicy, nullPpm: 1, ...changes },
      }).outcome;
    expect(reads({})).to.include({ verdict: 'proved' });
    expect(reads({ nullPpm: 1000 })).to.include({ verdict: 'inconclusive', cause: 'policy.weak' });
    expect(reads({ nullModels: 2 })).to.include({ verdict: 'inconclusive', cause: 'policy.weak' });
  });

  it('does not begin with fewer than the policy asks for, one twice, or the suspect among them', async () => {
    const claim = sharedClaim();
    const owner = { patienceSeconds: 0 };
    const [one] = nullModels(1, () => 0);
    const policy = { ...testPolicy, nullModels: 2 };
    await coded('judge.nulls', () =>
      runSession(claim, { judge: { policy, nullModels: [one!] }, owner }),
    );
    await coded('hello.nulls', () =>
      runSession(claim, { judge: { nullModels: [one!, one!] }, owner }),
    );
    const suspect = markedSuspect(claim);
    const named = { ...suspect, descriptor: { ...suspect.descriptor, identity: one!.digest } };
    await coded('hello.nulls', () =>
      runSession(claim, { judge: { suspect: named, nullModels: [one!] }, owner }),
    );
  });

  it('ends by the judge where one gives no answer: silence is not read as no match', async () => {
    const models = nullModels(1, () => 'suspect.failed');
    const { judge } = await runSession(sharedClaim(), { judge: { nullModels: models } });
    expect(judge.outcome).to.include({ verdict: 'inconclusive', cause: 'nulls.refused' });
  });
});

describe('a session about chosen labels', () => {
  const claim = makeClaim('chosen and null models', { labelMode: 'chosen' });
  const session = (models: ReturnType<typeof nullModels>) =>
    runSession(claim, { judge: { nullModels: models } });

  it('stays open with ten null models that know nothing', async () => {
    const { judge } = await session(nullModels(10, () => 3));
    expectEnding(judge, { verdict: 'inconclusive', cause: 'labels.chosen', fault: nobody });
    expect(judge.outcome.decision?.pValue[1]).to.equal(`1${'0'.repeat(240)}`);
  });

  it('is lost where a single one of them wins as well', async () => {
    const [first, ...others] = nullModels(10, () => 3);
    const alike = { ...first!, open: () => Promise.resolve(markedSuspect(claim)) };
    const { judge } = await session([alike, ...others]);
    expectEnding(judge, { verdict: 'not-proved', cause: '', fault: nobody });
    expect(judge.outcome.decision?.matched).to.equal(40);
  });
});

describe('asking null models', () => {
  const triggers = noiseImages('null', 4, { height: 4, width: 4, channels: 1 });

  it('opens one after another, closes each, reads it through its own label map, and can be stopped', async () => {
    let [open, most, closed] = [0, 0, 0];
    const models = nullModels(3, () => 1).map((model) => ({
      ...model,
      labelMap: [5, 7],
      open: async () => {
        most = Math.max(most, ++open);
        const { classify } = await model.open();
        const close = () => {
          open--;
          closed++;
          return Promise.resolve();
        };
        return { classify, close };
      },
    }));
    const labels = [7, 7, 5, 1];
    const done: number[] = [];
    const onProgress = (count: number) => done.push(count);
    const results = await askNullModels(models, { triggers, labels, onProgress });
    expect(results.map(({ matches }) => matches)).to.deep.equal([2, 2, 2]);
    expect({ open, most, closed, done }).to.deep.equal({
      open: 0,
      most: 1,
      closed: 3,
      done: [1, 2, 3],
    });
    const stop = AbortSignal.abort(new Error('stop'));
    let error: unknown;
    await askNullModels(models, { triggers, labels, signal: stop }).catch(
      (e: unknown) => (error = e),
    );
    expect(error).to.have.property('message', 'stop');
  });
});
