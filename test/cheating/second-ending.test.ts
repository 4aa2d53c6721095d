import {
  decodeTranscript,
  encodeMessage,
  type Message,
  refusedDigest,
} from '../../src/protocol/index.js';
import {
  cheatingOwner,
  expectEnding,
  expectFinding,
  nextMessage,
  rewrite,
} from '../support/cheat.js';
import { markedSuspect, sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: an owner who has lost gives the session another ending, with refusals of his own messages. */
describe('an owner who wants another ending', () => {
  const { owner } = sharedClaim();
  const suspect = markedSuspect(sharedClaim(), () => ({ label: 0 }));
  let file: Uint8Array;
  let messages: readonly Message[];
  before(async () => {
    file = (await runSession(sharedClaim(), { judge: { suspect } })).owner.transcript;
    messages = decodeTranscript(file).messages;
  });
  const abortAfter = (before: readonly Message[], refuses?: Message): Message => {
    const refused = refuses ? refusedDigest(encodeMessage(refuses)) : '';
    const payload = { code: 'owner.regret', fault: 'judge', message: '', refused };
    return nextMessage(before, { from: 'owner', type: 'abort', payload }, owner.secretKey);
  };

  it('does not lose the verdict by refusing his own countersignature, or his own abort', () => {
    const before = messages.slice(0, 5);
    for (const refused of [messages[5]!, abortAfter(before)]) {
      const regretted = rewrite(file, () => ({
        messages: [...before, abortAfter(before, refused)],
        refused: encodeMessage(refused),
      }));
      expectFinding(regretted, { verdict: 'not-proved', cause: '', fault: 'nobody' });
    }
  });

  it('does not undo his stopping by stopping twice', () => {
    const before = messages.slice(0, 3);
    const refused = abortAfter(before);
    const regretted = rewrite(file, () => ({
      messages: [...before, abortAfter(before, refused)],
      refused: encodeMessage(refused),
    }));
    expectFinding(regretted, { verdict: 'not-proved', cause: 'owner.regret', fault: 'nobody' });
  });

  it('does not turn a lost verdict into a broken session with a false countersignature', async () => {
    const record = await cheatingOwner(
      sharedClaim(),
      { acknowledgement: ({ sign }) => [sign({ payload: { agrees: 'no' } })] },
      { judge: { suspect } },
    );
    expectEnding(record, { verdict: 'not-proved', cause: '', fault: 'nobody' });
  });

  it('does not answer a challenge after all, by refusing his own openings', () => {
    const before = messages.slice(0, 3);
    const regretted = rewrite(file, () => ({
      messages: [...before, abortAfter(before, messages[3])],
      refused: encodeMessage(messages[3]!),
    }));
    expectFinding(regretted, { verdict: 'not-proved', cause: 'owner.regret', fault: 'nobody' });
  });
});
