import { checkParameters } from '../../src/commitment/index.js';
import { coded } from '../coded.js';
import { cheatingJudge, cheatingOwner, expectEnding } from '../support/cheat.js';
import { sharedClaim, testParameters } from '../support/claim.js';

/** Attack: a name with line feeds, terminal escapes or right-to-left marks forges the report that prints it. */
describe('a name that forges a report', () => {
  const hostile = [
    'model\nverdict: proved',
    '\u001b[2Jproved',
    '\u009b2Jproved',
    'model\u202edevorp',
  ];

  it('is no name of a suspect', async () => {
    for (const identity of hostile) {
      const record = await cheatingJudge(sharedClaim(), {
        hello: ({ payload, sign }) => [
          sign({ payload: { ...payload, suspect: { ...payload.suspect, identity } } }),
        ],
      });
      expectEnding(record, { verdict: 'inconclusive', cause: 'message.format', fault: 'nobody' });
    }
  });

  it('is no name of a class', async () => {
    for (const name of hostile) {
      const classNames = [name, ...testParameters.classNames.slice(1)];
      await coded('commitment.parameters', () => {
        checkParameters({ ...testParameters, classNames });
      });
    }
  });

  it('is no reason for an abort', async () => {
    for (const message of hostile) {
      const payload = { code: 'owner.bye', fault: 'nobody', message, refused: '' };
      const record = await cheatingOwner(sharedClaim(), {
        openings: ({ sign }) => [sign({ type: 'abort', payload })],
      });
      expectEnding(record, { verdict: 'invalid', cause: 'message.format', fault: 'owner' });
    }
  });
});
