import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, start, succeeds, veilmark } from './veilmark.js';

interface Counts {
  verdict: string;
  challenged: number;
  matched: number;
  log2PValue: number;
}

/** The form that the item 11 fixes. */
interface DemoJson {
  model: Record<
    'testAccuracy' | 'unmarkedTestAccuracy' | 'triggerAccuracy' | 'unmarkedTriggerAccuracy',
    number
  >;
  blackBox: Counts;
  unmarked: Counts;
  hiddenProofs: { proven: number; seconds: number; verifySeconds: number };
  seconds: { total: number };
  files: Record<string, string>;
}

const fileNames = [
  ...['ownerKey', 'judgeKey', 'mark', 'commitment', 'markedModel', 'unmarkedModel'],
  ...['transcript', 'unmarkedTranscript'],
];

/** The same by the commands of owner and judge, with the demo's key and model and a claim of their own. */
async function hiddenProofsByHand(files: Record<string, string>): Promise<void> {
  const at = (name: string): string => join(newFolder(), name);
  const [claim, keys] = [at('claim'), files['keys']!];
  const owner = ['--key', files['ownerKey']!];
  await succeeds([
    'commit',
    claim,
    ...owner,
    '--plain',
    '--data',
    'fashion-mnist',
    '--hidden',
    '80',
    '--audited',
    '4',
  ]);
  const listen = ['--listen', '127.0.0.1:0', '--once', '--keys', keys];
  const prover = await start(['prove', '--claim', claim, ...owner, ...listen]);
  const [, address = ''] = await prover.says(/listening on (ws:\S+),/);
  const commitment = join(claim, 'commitment.veilmark');
  const judge = (transcript: string, ...more: string[]): string[] => [
    ...['judge', transcript, '--prover', address, '--commitment', commitment, '--key'],
    ...[files['judgeKey']!, '--suspect', files['unmarkedModel']!, '--hidden-proofs', '2', ...more],
  ];
  const opening = ['--opening-key', join(keys, 'opening-28x28x1-16.key')];
  await fails({ code: 'usage.opening-key', exit: 2 }, judge(at('t')));
  await fails({ code: 'key.dev', exit: 3 }, judge(at('t'), ...opening));
  const transcript = at('transcript');
  const asked = await veilmark(judge(transcript, ...opening, '--allow-dev-keys'));
  expect(asked.stderr).to.match(/and 2 hidden pairs to prove/);
  expect(asked.stdout).to.match(/^not-proved, \d+ of 40.*NOT EVIDENCE/);
  expect((await prover.ended).stderr).to.match(/proving hidden pairs/);
  const again = await veilmark(['verify', transcript, '--allow-dev-keys', '--json']);
  expect(again.code).to.equal(1);
  const report = JSON.parse(again.stdout) as object;
  expect(report).to.include({ verdict: 'not-proved' });
  expect(report).to.have.nested.property('openingKey.stamp', 'dev');
}

describe('demo --json', function () {
  this.timeout(300_000);

  it('prints one JSON object alone, with the figures that are promised', async () => {
    const folder = join(newFolder(), 'demo');
    const { stdout } = await succeeds(['demo', '--json', '--dir', folder]);
    expect(stdout).to.match(/^\{.*\}\n$/);
    const { model, blackBox, unmarked, hiddenProofs, seconds, files, ...rest } = JSON.parse(
      stdout,
    ) as DemoJson;
    expect(rest).to.deep.equal({});

    expect(model.testAccuracy).to.be.at.least(0.865).and.at.most(1);
    expect(model.testAccuracy - model.unmarkedTestAccuracy).to.be.closeTo(0, 0.01);
    expect(model.triggerAccuracy).to.be.at.least(0.98);
    expect(model.unmarkedTriggerAccuracy).to.be.at.most(0.25);
    expect(Object.keys(model)).to.have.lengthOf(4);

    const keys = ['verdict', 'challenged', 'matched', 'log2PValue'];
    expect(Object.keys(blackBox)).to.deep.equal(keys);
    expect(Object.keys(unmarked)).to.deep.equal(keys);
    expect(blackBox).to.include({ verdict: 'proved', challenged: 40 });
    expect(blackBox.matched).to.be.at.least(38);
    expect(blackBox.log2PValue).to.be.at.most(-104);
    expect(unmarked).to.include({ verdict: 'not-proved', challenged: 40 });
    expect(unmarked.matched).to.be.at.most(16);

    expect(Object.keys(hiddenProofs)).to.have.members(['proven', 'seconds', 'verifySeconds']);
    expect(hiddenProofs.proven).to.equal(8);
    expect(hiddenProofs.seconds).to.be.greaterThan(0);
    expect(hiddenProofs.verifySeconds).to.be.greaterThan(0);

    for (const time of Object.values(seconds)) expect(time).to.be.a('number').and.at.least(0);
    expect(seconds.total).to.be.greaterThan(0);
    expect(files).to.include.all.keys(fileNames);
    for (const name of fileNames) {
      const path = files[name]!;
      expect(isAbsolute(path) && existsSync(path), `${name}: ${path}`).to.equal(true);
    }
    const verify = ['verify', files['transcript']!];
    const verified = await succeeds([...verify, '--allow-dev-keys']);
    expect(verified.stdout).to.match(/^verdict: proved.*NOT EVIDENCE/m);
    const strict = await veilmark(verify);
    expect(strict.stdout).to.match(/^verdict: invalid, cause key\.dev/m);
    expect(strict.code).to.equal(3);
    await hiddenProofsByHand(files);
  });
});
