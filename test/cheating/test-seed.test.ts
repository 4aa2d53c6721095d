import { runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { expectEnding, expectFinding } from '../support/cheat.js';
import { makeClaim } from '../support/claim.js';
import { judgeOptions, ownerOptions, runSession } from '../support/session.js';

/** Attack: a claim from a short seed, whose triggers anyone can guess and train into a model of his own. */
describe('a commitment from a test seed', () => {
  const claim = makeClaim('seed', { origin: 'test' });
  const allowTestOrigin = true;

  it('is refused by the judge’s and by the owner’s own program', async () => {
    const [judgeEnd, ownerEnd] = memoryChannels();
    await coded('hello.origin', () => runJudge(judgeOptions(claim, judgeEnd)));
    await coded('prove.origin', () => runOwner(ownerOptions(claim, ownerEnd)));
  });

  it('counts for nobody who did not ask for tests', async () => {
    const { judge } = await runSession(claim, {
      judge: { allowTestOrigin },
      owner: { allowTestOrigin },
    });
    const proved = { verdict: 'proved', cause: '', fault: 'nobody' } as const;
    expectEnding(judge, proved, { allowTestOrigin, opened: claim.commitment });
    expectFinding(judge.transcript, { verdict: 'invalid', cause: 'hello.origin', fault: 'nobody' });
  });
});
