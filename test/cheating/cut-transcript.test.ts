import { expect } from 'chai';

import { decodeTranscript, encodeTranscript, type Message } from '../../src/protocol/index.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { cheatingOwner, expectEnding, expectFinding, rewrite } from '../support/cheat.js';
import { seeded, sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: an archived transcript loses messages, gets them in another order, or is made of two sessions. */
describe('a transcript that was cut', () => {
  let file: Uint8Array;
  let other: readonly Message[];
  before(async () => {
    file = (await runSession(sharedClaim())).judge.transcript;
    const { judge } = await runSession(sharedClaim(), { owner: { random: seeded('another') } });
    other = decodeTranscript(judge.transcript).messages;
  });
  const invalid = (cause: string) => ({ verdict: 'invalid', cause, fault: 'nobody' }) as const;
  const change = (edit: (messages: readonly Message[]) => Message[]) =>
    rewrite(file, ({ messages }) => ({ messages: edit(messages) }));

  it('is invalid when a message is missing within', () => {
    for (const gone of [0, 2, 4]) {
      const cut = change((messages) => messages.filter((_, i) => i !== gone));
      expectFinding(cut, invalid('session.order'));
    }
  });

  it('is invalid when two messages changed places', () => {
    const swapped = change(([a, b, c, d, ...others]) => [a!, b!, d!, c!, ...others]);
    expectFinding(swapped, invalid('session.order'));
  });

  it('is invalid when a message was renumbered to hide a gap', () => {
    const renumbered = change((messages) =>
      messages.filter((_, i) => i !== 1).map((message, seq) => ({ ...message, seq })),
    );
    expectFinding(renumbered, invalid('session.order'));
  });

  it('is invalid when it was spliced from two sessions', () => {
    for (const at of [2, 3, 4]) {
      const spliced = change((messages) => [...messages.slice(0, at), ...other.slice(at)]);
      expectFinding(spliced, invalid('message.signature'));
    }
  });

  it('is invalid when something follows the end', () => {
    const longer = change((messages) => [...messages, messages[5]!]);
    expectFinding(longer, invalid('session.order'));
  });

  it('is invalid without the refused message that its abort names', async () => {
    const record = await cheatingOwner(sharedClaim(), {
      openings: ({ sign }) => [sign({ payload: { hidden: [], openings: [] } })],
    });
    expectEnding(record, { verdict: 'invalid', cause: 'openings.indices', fault: 'owner' });
    const { commitment, messages } = decodeTranscript(record.transcript);
    const cut = encodeTranscript({ commitment, messages });
    expectFinding(cut, invalid('abort.refused'));
  });

  it('shows a session that did not come to its end when the end is missing', () => {
    const cut = change((messages) => messages.slice(0, 4));
    expectFinding(cut, {
      verdict: 'inconclusive',
      cause: 'session.incomplete',
      fault: 'nobody',
    });
    const { checks } = verifyTranscript(cut);
    expect(checks.find(({ name }) => name === 'verdict.arithmetic')?.status).to.equal('not-run');
  });
});
