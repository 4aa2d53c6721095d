import {
  decodeTranscript,
  encodeMessage,
  type Message,
  refusedDigest,
} from '../../src/protocol/index.js';
import { expectFinding, nextMessage, rewrite } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';
import { judgeKey, runSession } from '../support/session.js';

/** Attack: a party writes, alone, a transcript in which it refuses something that the other never said. */
describe('a fabricated refusal', () => {
  const { owner } = sharedClaim();
  let file: Uint8Array;
  let messages: readonly Message[];
  before(async () => {
    file = (await runSession(sharedClaim())).judge.transcript;
    messages = decodeTranscript(file).messages;
  });
  const abortBy = (from: 'judge' | 'owner', before: readonly Message[], refused: Uint8Array) => {
    const fault = from === 'judge' ? 'owner' : 'judge';
    const payload = { code: 'fabricated', fault, message: '', refused: refusedDigest(refused) };
    const { secretKey } = from === 'judge' ? judgeKey : owner;
    return nextMessage(before, { from, type: 'abort', payload }, secretKey);
  };

  it('does not make the owner one who breaks the rules', () => {
    const before = messages.slice(0, 3);
    const forged = nextMessage(
      before,
      { from: 'owner', type: 'openings', payload: { hidden: [], openings: [] } },
      judgeKey.secretKey,
    );
    const refused = encodeMessage(forged);
    const fabricated = rewrite(file, () => ({
      messages: [...before, abortBy('judge', before, refused)],
      refused,
    }));
    // It says no more than that the judge got no answer, which rests on the judge's word.
    expectFinding(fabricated, { verdict: 'not-proved', cause: 'fabricated', fault: 'nobody' });
  });

  it('does not make the judge one who breaks the rules', () => {
    const before = messages.slice(0, 2);
    const payload = { batch: 0, coins: '00'.repeat(32), receipt: '00'.repeat(64) };
    const said = { from: 'judge', type: 'challenge', payload } as const;
    for (const refused of [
      encodeMessage(nextMessage(before, said, owner.secretKey)),
      new Uint8Array([1, 2, 3]),
    ]) {
      const fabricated = rewrite(file, () => ({
        messages: [...before, abortBy('owner', before, refused)],
        refused,
      }));
      expectFinding(fabricated, { verdict: 'inconclusive', cause: 'fabricated', fault: 'nobody' });
    }
  });

  it('of sound openings does not make the owner one who stopped', () => {
    const before = messages.slice(0, 3);
    const refused = encodeMessage(messages[3]!);
    const fabricated = rewrite(file, () => ({
      messages: [...before, abortBy('judge', before, refused)],
      refused,
    }));
    expectFinding(fabricated, { verdict: 'inconclusive', cause: 'fabricated', fault: 'nobody' });
  });

  it('is not shown in place of the message that the abort names, nor added to one that names none', () => {
    const before = messages.slice(0, 3);
    const openings = encodeMessage(messages[3]!);
    const other = new Uint8Array([1, 2, 3]);
    const silent = nextMessage(
      before,
      {
        from: 'judge',
        type: 'abort',
        payload: { code: 'peer.silent', fault: 'owner', message: '', refused: '' },
      },
      judgeKey.secretKey,
    );
    for (const [abort, refused] of [
      [abortBy('judge', before, openings), other],
      [silent, openings],
    ] as const) {
      const edited = rewrite(file, () => ({ messages: [...before, abort], refused }));
      expectFinding(edited, { verdict: 'invalid', cause: 'abort.refused', fault: 'nobody' });
    }
  });
});
