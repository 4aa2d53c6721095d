import { spawn } from 'node:child_process';

import { expect } from 'chai';

import { fails, start, succeeds, veilmark } from './veilmark.js';

const commands = [
  ...['demo', 'keygen', 'triggers', 'triggers generate', 'triggers show', 'commit', 'train'],
  ...['embed', 'evaluate', 'prove', 'judge', 'session', 'verify', 'inspect', 'policy'],
  ...[
    'serve-model',
    'judge train-nulls',
    'panel',
    'policy schema',
    'policy check',
    'suspect probe',
  ],
  ...['network make', 'network check', 'network info', 'network approve', 'network list'],
  ...['attack ftal', 'attack all', 'attack false-claim', 'attack report', 'backends'],
];

describe('the command line', function () {
  this.timeout(180_000);

  it('shows an example in the help of every command', async () => {
    const helps = await inTwos(commands, (command) => succeeds([...command.split(' '), '--help']));
    helps.forEach(({ stdout }, i) => {
      const example = new RegExp(`Examples?:\\n +veilmark ${commands[i]!}`);
      expect(stdout, commands[i]).to.match(example);
      const longest = Math.max(...stdout.split('\n').map((line) => line.length));
      expect(longest, `${commands[i]!}: a line of ${longest}`).to.be.at.most(120);
    });
  });

  const mistakes: [code: string, words: string[], says: RegExp][] = [
    ['usage.arguments', ['comit', 'x'], /did you mean commit\?/],
    ['usage.arguments', [], /no command/],
    ['usage.arguments', ['keygen'], /not named/],
    ['usage.arguments', ['keygen', 'k', '--palin'], /palin/],
    ['usage.arguments', ['commit', 'c'], /--key is not given/],
    ['usage.arguments', ['commit', 'c', '--key', 'k', '--hidden'], /hidden needs a value/],
    ['usage.arguments', ['embed', 'm', '--optimizer', 'sgdd'], /optimizer.*"adam", "sgd"/],
    ['usage.arguments', ['train', 'm', '--from', 'a', '--architecture', 'mlp'], /cannot be given/],
    ['usage.arguments', ['train', 'm', '--quick'], /needs another one: quick -> recipe/],
    ['usage.unused', ['train', '/tmp/m', '--momentum', '0.5'], /without --optimizer sgd/],
    ['usage.number', ['commit', 'c', '--key', 'k', '--hidden', 'abc'], /hidden is not a number/],
    ['usage.twice', ['verify', 't', '--owner', 'a', '--owner', 'b'], /owner/],
    ['usage.empty', ['keygen', ''], /file is empty/],
    ['usage.claim', ['embed', 'm'], /claim/],
    ['usage.task', ['commit', '/nowhere/c', '--key', 'k'], /shape/],
    ['file.missing', ['verify', '/nowhere/t'], /nowhere/],
    ['inspect.unknown', ['inspect', process.execPath], /not a file of veilmark/],
  ];
  it('says what is wrong with what was typed, and what to type', async () => {
    await inTwos(mistakes, ([code, words, says]) => fails({ code, exit: 2, says }, words));
  });

  it('prints the policy as data alone, and its version', async () => {
    const { stdout, stderr } = await succeeds(['policy']);
    expect(JSON.parse(stdout)).to.include({ alphaBits: 40, grindingBits: 40 });
    expect(stderr).to.equal('');
    expect((await veilmark(['--version'])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('does not mind a reader that has seen enough', async () => {
    const run = await start(['policy']);
    const head = spawn('true');
    run.child.stdout?.pipe(head.stdin).on('error', () => undefined);
    run.child.stdout?.destroy();
    const { stderr } = await run.ended;
    expect(stderr).not.to.match(/error/);
  });
});

/** Two at a time: each takes a processor. */
async function inTwos<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += 2) {
    results.push(...(await Promise.all(items.slice(i, i + 2).map(work))));
  }
  return results;
}
