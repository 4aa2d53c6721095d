import { generateKeyPair } from '../../src/crypto/index.js';
import {
  decodeTranscript,
  encodeMessage,
  type Party,
  refusedDigest,
} from '../../src/protocol/index.js';
import {
  cheatingJudge,
  cheatingOwner,
  expectEnding,
  expectFinding,
  nextMessage,
  rewrite,
} from '../support/cheat.js';
import { seeded, sharedClaim } from '../support/claim.js';
import { judgeKey, runSession } from '../support/session.js';

/** Attack: somebody ends a session in a party's name, so that the party seems to have stopped. */
describe('a forged abort', () => {
  const payload = { code: 'owner.busy', fault: 'owner', message: '', refused: '' } as const;
  const stranger = generateKeyPair(seeded('stranger'));

  for (const [who, secretKey] of [
    ['the judge', judgeKey.secretKey],
    ['a stranger', stranger.secretKey],
  ] as const) {
    it(`in the owner’s name by ${who} makes the transcript invalid`, async () => {
      const { judge } = await runSession(sharedClaim());
      const before = decodeTranscript(judge.transcript).messages.slice(0, 3);
      const forged = nextMessage(before, { from: 'owner', type: 'abort', payload }, secretKey);
      const file = rewrite(judge.transcript, () => ({ messages: [...before, forged] }));
      expectFinding(file, { verdict: 'invalid', cause: 'message.signature', fault: 'nobody' });
    });
  }

  it('in the judge’s name does not free the owner', async () => {
    const record = await cheatingOwner(sharedClaim(), {
      openings: ({ sign }) => [sign({ type: 'abort', from: 'judge', payload })],
    });
    expectEnding(record, { verdict: 'not-proved', cause: 'session.order', fault: 'nobody' });
  });

  it('in the owner’s name, sent to the owner, is nobody’s word', async () => {
    const abort = (from: Party) =>
      cheatingJudge(sharedClaim(), {
        challenge: ({ sign }) => [
          sign({ type: 'abort', from, payload, secretKey: stranger.secretKey }),
        ],
      });
    expectEnding(await abort('owner'), {
      verdict: 'inconclusive',
      cause: 'session.order',
      fault: 'nobody',
    });
    expectEnding(await abort('judge'), {
      verdict: 'inconclusive',
      cause: 'message.signature',
      fault: 'nobody',
    });
  });

  it('that the owner signed over another hello does not end this session in his name', async () => {
    const { owner } = sharedClaim();
    const refused = refusedDigest(new Uint8Array([1, 2, 3]));
    const said = { from: 'owner', type: 'abort', payload: { ...payload, refused } } as const;
    const old = nextMessage([], said, owner.secretKey);
    const record = await cheatingOwner(sharedClaim(), { hello: () => [encodeMessage(old)] });
    expectEnding(record, { verdict: 'inconclusive', cause: 'session.order', fault: 'nobody' });
  });
});
