import { existsSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, start, succeeds, veilmark } from './veilmark.js';

interface Counts {
  verdict: string;
  challenged: number;
  matched: number;
  log2PValue: number;
}

interface WhiteBox {
  verdict: string;
  batch: number;
  threshold: number;
  log2Bound: number;
  fidelity: number;
  blocks: number;
  constraints: number;
  proveSeconds: number;
  verifySeconds: number;
}

/** The form that the item 11 fixes. */
interface DemoJson {
  model: Record<
    'testAccuracy' | 'unmarkedTestAccuracy' | 'triggerAccuracy' | 'unmarkedTriggerAccuracy',
    number
  >;
  blackBox: Counts;
  unmarked: Counts;
  whiteBox: WhiteBox;
  whiteBoxUnmarked: WhiteBox;
  hiddenProofs: { proven: number; seconds: number; verifySeconds: number };
  seconds: { total: number };
  files: Record<string, string>;
}

const fileNames = [
  ...['ownerKey', 'judgeKey', 'mark', 'commitment', 'markedModel', 'unmarkedModel'],
  ...['transcript', 'unmarkedTranscript', 'whiteBoxTranscript', 'whiteBoxUnmarkedTranscript'],
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
  const [, address = ''] = await prover.says(/listening on (wss?:\S+),/);
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

/** A white box session by the commands, against the model without the mark: the owner declines. */
async function whiteBoxByHand(files: Record<string, string>): Promise<void> {
  const at = (name: string): string => join(newFolder(), name);
  const [claim, keys, suspect] = [dirname(files['mark']!), files['keys']!, files['unmarkedModel']!];
  const commitment = files['commitment']!;
  const network = at('suspect.network');
  await succeeds(['network', 'make', network, '--suspect', suspect, '--commitment', commitment]);
  const listen = ['--listen', '127.0.0.1:0', '--keys', keys];
  const prover = await start(['prove', '--claim', claim, '--key', files['ownerKey']!, ...listen]);
  const [, address = ''] = await prover.says(/listening on (wss?:\S+),/);
  const judge = (transcript: string, ...more: string[]): string[] => [
    ...['judge', transcript, '--prover', address, '--commitment', commitment, '--key'],
    ...[files['judgeKey']!, '--suspect', suspect, '--mode', 'white-box', '--keys', keys, ...more],
  ];
  await fails({ code: 'key.dev', exit: 3 }, judge(at('t')));
  await fails({ code: 'usage.white-box', exit: 2 }, judge(at('t'), '--hidden-proofs', '2'));
  const strict = at('policy.json');
  writeFileSync(strict, JSON.stringify({ minimumFidelityPpm: 1_000_000 }));
  const unfaithful = await veilmark(
    judge(at('t'), '--allow-dev-keys', '--network', network, '--policy', strict),
  );
  expect(unfaithful.stdout).to.match(/^inconclusive, cause network\.fidelity/m);
  expect(unfaithful.code).to.equal(4);
  const unapproved = await veilmark(judge(at('t'), '--allow-dev-keys', '--bits', '10,8'));
  expect(unapproved.code).to.equal(2);
  const transcript = at('transcript');
  const declined = await veilmark(judge(transcript, '--allow-dev-keys', '--network', network));
  expect(declined.stdout).to.match(/^(not-proved, 36 of 40 matches not proven|inconclusive)/m);
  const report = await veilmark(['verify', transcript, '--network', network, '--json']);
  expect(JSON.parse(report.stdout)).to.include({ fault: 'nobody' });
  await prover.interrupt();
}

describe('demo --json', function () {
  this.timeout(600_000);

  it('prints one JSON object alone, with the figures that are promised', async () => {
    const folder = join(newFolder(), 'demo');
    const { stdout } = await succeeds(['demo', '--json', '--dir', folder]);
    expect(stdout).to.match(/^\{.*\}\n$/);
    const parsed = JSON.parse(stdout) as DemoJson;
    const { model, blackBox, unmarked, hiddenProofs, seconds, files, ...others } = parsed;
    const { whiteBox, whiteBoxUnmarked, ...rest } = others;
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

    for (const session of [whiteBox, whiteBoxUnmarked]) {
      expect(session).to.include({ batch: 40, threshold: 36, blocks: 1 });
      expect(session.log2Bound).to.be.closeTo(-103.7, 0.1);
      expect(session.fidelity).to.be.at.least(0.995);
      expect(session.constraints).to.be.greaterThan(40_000);
      expect(session.verifySeconds).to.be.greaterThan(0);
      expect(Object.keys(session)).to.have.lengthOf(9);
    }
    expect(whiteBox.verdict).to.equal('proved');
    expect(whiteBox.proveSeconds).to.be.greaterThan(0);
    expect(whiteBoxUnmarked.verdict).to.equal('not-proved');

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
    const proven = await succeeds(['verify', files['whiteBoxTranscript']!, '--allow-dev-keys']);
    expect(proven.stdout).to.match(/^verdict: proved, at least 36 of 40 matched.*NOT EVIDENCE/m);
    await hiddenProofsByHand(files);
    await whiteBoxByHand(files);
  });
});
