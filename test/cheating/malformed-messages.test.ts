import { utf8ToBytes } from '../../src/base/index.js';
import type { Openings } from '../../src/protocol/index.js';
import { cheatingJudge, cheatingOwner, type Ending, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';
import type { Turn } from '../support/puppet.js';

/** Attack: bytes that are no message, or a signed message that is not what it should be. */
describe('malformed messages', () => {
  const text = (honest: Turn<unknown>): string => JSON.stringify(honest.payload);
  const payloads: Record<string, (turn: Turn<Openings>) => string> = {
    'that is not JSON': () => '{',
    'of another type': () => '[]',
    'with a key too many': (turn) => text(turn).replace('{', '{"admin":true,'),
    'with __proto__': (turn) => text(turn).replace('{', '{"__proto__":{"openings":[]},'),
    'with constructor': (turn) => text(turn).replace('{', '{"constructor":{},'),
    'with a key twice': (turn) => text(turn).replace('{', '{"openings":[],'),
    'with white space': (turn) => text(turn).replace('{', '{ '),
    'with an escaped letter': (turn) => text(turn).replace('"openings"', '"\\u006fpenings"'),
    'with a fractional index': (turn) => text(turn).replace(/"index":\d+/, '"index":0.5'),
    'with an index in another spelling': (turn) =>
      text(turn).replace(/"index":(\d+)/, '"index":$1e0'),
    'with a huge index': (turn) => text(turn).replace(/"index":\d+/, '"index":9007199254740993'),
    'with a negative index': (turn) => text(turn).replace(/"index":\d+/, '"index":-1'),
    'with null': (turn) => text(turn).replace(/"natural":\d+/, '"natural":null'),
    'nested 20,000 deep': () => `{"openings":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    'with half a character where it is quoted': () => `{"openings":"${'a'.repeat(58)}😀😀"}`,
    'with half a character in a key': () => '{"\\ud800":0}',
  };
  for (const [what, payload] of Object.entries(payloads)) {
    it(`put the owner at fault when he signs openings ${what}`, async () => {
      const record = await cheatingOwner(sharedClaim(), {
        openings: (turn) => [turn.sign({ bytes: utf8ToBytes(payload(turn)) })],
      });
      expectEnding(record, { verdict: 'invalid', cause: 'message.format', fault: 'owner' });
    });
  }

  it('put the owner at fault when he signs more than a message may hold', async () => {
    const record = await cheatingOwner(sharedClaim(), {
      openings: ({ sign }) => [sign({ bytes: new Uint8Array(200_000) })],
    });
    expectEnding(record, { verdict: 'invalid', cause: 'session.size', fault: 'owner' });
  });

  const raw: Record<string, (honest: Uint8Array) => Uint8Array> = {
    nothing: () => new Uint8Array(),
    zeros: () => new Uint8Array(1000),
    'half a message': (honest) => honest.subarray(0, honest.length / 2),
    'two messages': (honest) => new Uint8Array([...honest, ...honest]),
    'a header without end': () => utf8ToBytes('veilmark/message/1 '.repeat(100)),
    'a length beyond the end': () =>
      utf8ToBytes(`veilmark/message/1 3 owner openings 9999999999 ${'0'.repeat(128)}\n{}\n`),
  };
  for (const [what, change] of Object.entries(raw)) {
    it(`are no answer and no challenge: ${what}`, async () => {
      const ending: Ending = { verdict: 'not-proved', cause: 'message.format', fault: 'nobody' };
      const asked = await cheatingOwner(sharedClaim(), {
        openings: ({ honest }) => [change(honest)],
      });
      expectEnding(asked, ending);
      const asking = await cheatingJudge(sharedClaim(), {
        challenge: ({ honest }) => [change(honest)],
      });
      expectEnding(asking, { ...ending, verdict: 'inconclusive' });
    });
  }
});
