import { expect } from 'chai';

import { EnvironmentError, VeilmarkError } from '../../src/base/index.js';
import {
  type Channel,
  Conversation,
  decodeOneMessage,
  encodeMessage,
  firstHead,
  nextHead,
  type Outcome,
  signMessage,
} from '../../src/protocol/index.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { makeClaim, sharedClaim } from '../support/claim.js';
import { judgeKey, judgeOptions, ownerOptions, runSession } from '../support/session.js';
import { memoryChannels } from '../../src/transport/index.js';
import { runOwner } from '../../src/prover/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { canonical } from '../twin/bytes.js';

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** An honest judge against an owner who answers the first message with anything. */
async function judgeAgainst(answer: (head: Uint8Array) => Uint8Array): Promise<Outcome> {
  const claim = sharedClaim();
  const [judgeEnd, ownerEnd] = memoryChannels();
  const running = runJudge(judgeOptions(claim, judgeEnd));
  await ownerEnd.receive(1);
  await ownerEnd.send(answer(firstHead));
  return (await running).outcome;
}

describe('a conversation', () => {
  it('ends with a signed abort when the peer sends rubbish', async () => {
    const { verdict, cause } = await judgeAgainst(() => utf8('rubbish'));
    expect({ verdict, cause }).to.deep.equal({ verdict: 'inconclusive', cause: 'message.format' });
  });

  // What is quoted from the peer may be cut in the middle of a character, and what is signed must be well-formed.
  it('ends so too when the rubbish is made of halves of characters', async () => {
    for (const start of ['', 'x']) {
      const value = start + '😀'.repeat(60);
      const payload = utf8(
        JSON.stringify({ coins: value, nonce: '\ud83d', owner: value, spent: 1 }),
      );
      const outcome = await judgeAgainst(() =>
        encodeMessage({
          seq: 1,
          from: 'owner',
          type: 'hello',
          payload,
          signature: new Uint8Array(64),
        }),
      );
      expect(outcome.cause).to.equal('message.format');
    }
  });

  it('does not hold a hello about another commitment against the judge', async () => {
    const claim = sharedClaim();
    const [judgeEnd, ownerEnd] = memoryChannels();
    const judging = runJudge(judgeOptions(makeClaim('elsewhere'), judgeEnd));
    const { outcome, transcript } = await runOwner(ownerOptions(claim, ownerEnd));
    expect(outcome).to.include({
      verdict: 'inconclusive',
      cause: 'hello.commitment',
      fault: 'nobody',
    });
    const report = verifyTranscript(transcript);
    expect(report.outcome).to.deep.equal(outcome);
    expect(report.refusal).to.include({ kind: 'unsigned' });
    await judging;
  });

  it('holds a breach against who signed it', async () => {
    const claim = sharedClaim();
    const [judgeEnd, ownerEnd] = memoryChannels();
    const owning = runOwner(ownerOptions(claim, ownerEnd));
    const payload = utf8(canonical({ commitment: 'no hello' }));
    const unsigned = { seq: 0, from: 'judge', type: 'hello', payload } as const;
    await judgeEnd.send(encodeMessage(signMessage(firstHead, unsigned, judgeKey.secretKey)));
    // It names no key that could be held to it.
    expect((await owning).outcome).to.include({ verdict: 'inconclusive', fault: 'nobody' });
    const wrong = { from: 'owner', seq: 1, type: 'hello', payload: utf8('{}') } as const;
    const outcome = await judgeAgainstSigned(wrong);
    expect(outcome).to.include({ verdict: 'invalid', cause: 'message.format', fault: 'owner' });
  });

  it('refuses to go on after its end', async () => {
    const claim = sharedClaim();
    const [channel] = memoryChannels();
    const context = { commitment: claim.commitment };
    const { secretKey } = claim.owner;
    const conversation = new Conversation({ channel, context, party: 'owner', secretKey });
    const failure = new EnvironmentError({ code: 'test.failure', message: 'nothing began' });
    expect(await conversation.abort(failure).catch((error: unknown) => error)).to.equal(failure);
    const record = conversation.record();
    expect(record.outcome.cause).to.equal('session.incomplete');
    const ended = await runSession(claim);
    expect(ended.judge.session.phase).to.equal('closed');
  });

  it('ends with an abort when the peer is silent or gone', async () => {
    const claim = sharedClaim();
    const failing = (code: string): Channel => ({
      send: () => Promise.resolve(),
      receive: () => Promise.reject(new EnvironmentError({ code, message: 'gone' })),
      close: () => Promise.resolve(),
    });
    for (const code of ['peer.silent', 'peer.closed', 'peer.size']) {
      const { outcome, session } = await runJudge(judgeOptions(claim, failing(code)));
      expect(outcome).to.include({ verdict: 'inconclusive', cause: code, fault: 'nobody' });
      expect(session).to.include({ phase: 'aborted', from: 'judge' });
    }
    const unheard = await runOwner(ownerOptions(claim, failing('peer.silent'))).catch(
      (error: unknown) => error as VeilmarkError,
    );
    expect(unheard).to.be.instanceOf(VeilmarkError).and.to.include({ code: 'peer.silent' });
  });
});

/** The same with a message that the owner signs at its place, whatever it holds. */
async function judgeAgainstSigned(message: {
  seq: number;
  from: 'owner';
  type: string;
  payload: Uint8Array;
}): Promise<Outcome> {
  const claim = sharedClaim();
  const [judgeEnd, ownerEnd] = memoryChannels();
  const running = runJudge(judgeOptions(claim, judgeEnd));
  const first = decodeOneMessage(await ownerEnd.receive(1));
  const signed = signMessage(nextHead(firstHead, first), message, claim.owner.secretKey);
  await ownerEnd.send(encodeMessage(signed));
  return (await running).outcome;
}
