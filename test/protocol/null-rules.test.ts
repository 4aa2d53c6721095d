import type { JudgeHello } from '../../src/protocol/index.js';
import { checkNamedModels } from '../../src/protocol/null-rules.js';
import { coded } from '../coded.js';
import { testParameters } from '../support/claim.js';

function check(nullModels: readonly string[], changes: Partial<JudgeHello> = {}, batchSize = 40) {
  const suspect = { kind: 'test', identity: 'x', shape: '4x4x1', classes: 10, preprocessing: '' };
  const hello = { mode: 'black-box', suspect, nullModels, ...changes } as JudgeHello;
  checkNamedModels(hello, { ...testParameters, batchSize }, () => undefined);
}

describe('the null models that a hello names', () => {
  const digests = Array.from({ length: 1000 }, (_, i) => `${i}`.padStart(64, '0'));

  it('may be none, one or many, each once and ascending', async () => {
    check([]);
    check(['a']);
    check(digests);
    await coded('hello.nulls', () => {
      check(['b', 'a']);
    });
    await coded('hello.nulls', () => {
      check(['a', 'a']);
    });
  });

  it('are none in white box mode, where nothing is opened that they could be asked about', async () => {
    check([], { mode: 'white-box' });
    await coded('hello.nulls', () => {
      check(['a'], { mode: 'white-box' });
    });
  });

  it('give no more answers than a verifier can bound in seconds', async () => {
    check(digests, {}, 100);
    await coded('hello.nulls', () => {
      check(digests, {}, 101);
    });
  });
});
