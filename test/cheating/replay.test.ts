import { decodeTranscript, encodeMessage } from '../../src/protocol/index.js';
import { cheatingJudge, cheatingOwner, expectEnding } from '../support/cheat.js';
import { seeded, sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: messages of an old session are played to a party in a new one. */
describe('a replayed session', () => {
  let old: Uint8Array[];
  before(async () => {
    const { judge } = await runSession(sharedClaim());
    old = decodeTranscript(judge.transcript).messages.map(encodeMessage);
  });
  const owner = { random: seeded('a fresh owner') };
  const judge = { random: seeded('a fresh judge') };

  it('opens nothing to whoever plays the judge’s old messages', async () => {
    const record = await cheatingJudge(
      sharedClaim(),
      { hello: () => [old[0]!], abort: () => [old[2]!] },
      { owner, judge },
    );
    expectEnding(record, { verdict: 'inconclusive', cause: 'message.signature', fault: 'nobody' });
  });

  it('ends before the challenge when the owner’s old hello is played', async () => {
    const record = await cheatingOwner(sharedClaim(), { hello: () => [old[1]!] }, { judge });
    expectEnding(record, { verdict: 'inconclusive', cause: 'message.signature', fault: 'nobody' });
  });

  it('does not answer a challenge with old openings', async () => {
    const record = await cheatingOwner(sharedClaim(), { openings: () => [old[3]!] }, { judge });
    expectEnding(record, { verdict: 'not-proved', cause: 'message.signature', fault: 'nobody' });
  });

  it('does not decide a session with an old verdict', async () => {
    const record = await cheatingJudge(sharedClaim(), { verdict: () => [old[4]!] }, { owner });
    expectEnding(record, { verdict: 'inconclusive', cause: 'message.signature', fault: 'nobody' });
  });
});
