import { expect } from 'chai';

import { canonicalBytes, utf8ToBytes } from '../../src/base/index.js';
import { auditedLabels, decide, type Message, type Verdict } from '../../src/protocol/index.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { expectFinding, nextMessage, rewrite } from '../support/cheat.js';
import { markedSuspect, sharedClaim } from '../support/claim.js';
import { judgeKey, runSession } from '../support/session.js';

/** Attack: the archived verdict is changed, by a stranger or by the judge who signed it. */
describe('a verdict edited afterwards', () => {
  const lost = { suspect: markedSuspect(sharedClaim(), () => ({ label: 0 })) };

  it('is found though the digest line was computed anew', async () => {
    const { judge } = await runSession(sharedClaim(), { judge: lost });
    const file = rewrite(judge.transcript, ({ messages }) => ({
      messages: messages.map((message) =>
        message.type === 'verdict' ? { ...message, payload: edited(message) } : message,
      ),
    }));
    const report = expectFinding(file, {
      verdict: 'invalid',
      cause: 'message.signature',
      fault: 'nobody',
    });
    expect(report.checks.find(({ status }) => status === 'failed')?.name).to.equal(
      'session.signatures',
    );
  });

  it('is found as damage when the digest line was left', async () => {
    const { judge } = await runSession(sharedClaim(), { judge: lost });
    const text = new TextDecoder().decode(judge.transcript);
    const file = utf8ToBytes(text.replace('"verdict":"not-proved"', '"verdict":"proved"'));
    await coded('transcript.format', () => verifyTranscript(file));
  });

  it('by the judge must still follow from its answers', async () => {
    const { judge } = await runSession(sharedClaim(), { judge: lost });
    const file = rewrite(judge.transcript, ({ messages }) => ({
      messages: resigned(messages, parse(edited(messages[4]!))),
    }));
    expectFinding(file, { verdict: 'invalid', cause: 'verdict.arithmetic', fault: 'nobody' });
  });

  it('by the judge, answers and all, never carries the owner’s countersignature', async () => {
    const { judge } = await runSession(sharedClaim(), { judge: lost });
    const { session } = judge;
    if (session.phase !== 'closed') return expect.fail();
    const { labels, judgeHello, verdict } = session;
    const answers = labels.map((label) => ({ label }));
    const { parameters } = sharedClaim().commitment;
    const { policy, labelMap } = judgeHello;
    const { controls, decoys } = verdict;
    const audited = { auditedLabels: auditedLabels(sharedClaim().commitment) };
    const decision = decide({
      parameters,
      policy,
      labelMap,
      labels,
      answers,
      ...audited,
      decoys,
      controls,
    });
    const forged = { ...verdict, answers, decision };
    const alone = rewrite(judge.transcript, ({ messages }) => ({
      messages: resigned(messages, forged),
    }));
    // What an API answered rests on the judge's word: this is the limit of black box mode, and the report says so.
    const report = expectFinding(alone, { verdict: 'proved', cause: '', fault: 'nobody' });
    expect(report.notChecked.map(({ what }) => what)).to.include('the owner’s countersignature');
    const countersigned = rewrite(judge.transcript, ({ messages }) => ({
      messages: [...resigned(messages, forged), messages[5]!],
    }));
    expectFinding(countersigned, {
      verdict: 'invalid',
      cause: 'message.signature',
      fault: 'nobody',
    });
  });
});

function parse(payload: Uint8Array): Verdict {
  return JSON.parse(new TextDecoder().decode(payload)) as Verdict;
}

function edited({ payload }: Message): Uint8Array {
  const verdict = parse(payload);
  return canonicalBytes({ ...verdict, decision: { ...verdict.decision, verdict: 'proved' } });
}

function resigned(messages: readonly Message[], payload: Verdict): Message[] {
  const before = messages.slice(0, 4);
  const said = { from: 'judge', type: 'verdict', payload } as const;
  return [...before, nextMessage(before, said, judgeKey.secretKey)];
}
