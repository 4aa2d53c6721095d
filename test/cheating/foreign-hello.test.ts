import {
  decodeTranscript,
  encodeMessage,
  encodeTranscript,
  refusedDigest,
} from '../../src/protocol/index.js';
import { expectFinding, nextMessage } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: an honest judge's first message about one commitment is shown in a file about another. */
describe('a hello about another commitment', () => {
  it('does not put the judge at fault', async () => {
    const { judge } = await runSession(sharedClaim());
    const hello = decodeTranscript(judge.transcript).messages[0]!;
    const other = sharedClaim('another');
    const refused = encodeMessage(hello);
    const payload = {
      code: 'hello.commitment',
      fault: 'judge',
      message: '',
      refused: refusedDigest(refused),
    };
    const said = { from: 'owner', type: 'abort', payload } as const;
    const file = encodeTranscript({
      commitment: other.commitment.bytes,
      messages: [nextMessage([], said, other.owner.secretKey)],
      refused,
    });
    expectFinding(file, { verdict: 'inconclusive', cause: 'hello.commitment', fault: 'nobody' });
  });
});
