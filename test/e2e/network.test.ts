import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { decodeNetwork, finishNetwork } from '../../src/network/index.js';
import { fails, newFolder, succeeds } from './veilmark.js';
import { copyClaim, damage, listing, quick, type Workshop, workshop } from './workshop.js';

const commands = ['make', 'check', 'info', 'approve', 'list'];

describe('veilmark network', function () {
  this.timeout(60_000);
  let shop: Workshop;
  let folder: string;
  let file: string;
  let digest: string;

  before(async function () {
    this.timeout(180_000);
    shop = await workshop();
    folder = newFolder();
    file = join(folder, 'suspect.network');
    const words = ['--suspect', shop.model, '--data', shop.data];
    const { stdout } = await succeeds(['network', 'make', file, ...words]);
    [, digest = ''] =
      /^network +([0-9a-f]{64})\nneurons +128 of 10 \+ 10 bits\n/.exec(stdout) ?? [];
    expect(stdout).to.match(/fidelity +(9[5-9]\.\d|100\.0) % .* of 100 test images/);
  });

  it('makes the same file again, never over another one, and others with other bits', async () => {
    const words = ['--suspect', shop.model, '--data', shop.data];
    const again = join(folder, 'again.network');
    await succeeds(['network', 'make', again, ...words]);
    expect(readFileSync(again)).to.deep.equal(readFileSync(file));
    await fails({ code: 'file.exists', exit: 2 }, ['network', 'make', again, ...words]);

    const wide = join(folder, 'wide.network');
    const claimed = ['--commitment', shop.commitment, '--bits', '12,9', '--calibrate', '50'];
    const { stdout } = await succeeds(['network', 'make', wide, ...words, ...claimed]);
    expect(stdout).to.match(/neurons +128 of 12 \+ 9 bits/);
    // Two hundred abstract images, the four audited ones, and fifty of the task.
    const info = await succeeds(['network', 'info', wide]);
    expect(info.stdout).to.match(/calibrated +on 254 images [0-9a-f]{64}/);
    await succeeds(['network', 'check', wide, '--suspect', shop.model]);
  });

  it('says what a network is made of', async () => {
    const { stdout } = await succeeds(['network', 'info', file]);
    expect(stdout).to.match(new RegExp(`^network +${digest}\n`));
    expect(stdout).to.match(/^node +kind +shape +neurons +multiplications$/m);
    expect(stdout).to.match(/^\d+ +sum of convolution 1x1 +1x1x128 +8,192$/m);
    expect(stdout).to.match(/^all +128 +\d/m);
    expect(stdout).to.match(/values up to 2\^\d+ \(the limit is 2\^52\), logits up to 2\^3[0-8]/);
    expect(stdout).to.match(/no circuit is there for .* 8x8x1/);
  });

  it('finds every integer that is not the nearest, and another model', async () => {
    const words = ['--suspect', shop.model];
    const checked = await succeeds(['network', 'check', file, ...words]);
    expect(checked.stdout).to.match(/^all \d+ integers are the nearest to the float model's\n/);

    const network = decodeNetwork(new Uint8Array(readFileSync(file)));
    const forged = join(folder, 'forged.network');
    const nodes = network.nodes.map((node) => structuredClone(node));
    const place = nodes.findIndex((node) => node.kind === 'sum');
    const [sum] = nodes.slice(place);
    if (sum?.kind !== 'sum') expect.fail('no sum');
    sum.terms[0]!.map.weights[7]! += 1;
    writeFileSync(forged, finishNetwork({ ...network, nodes }).bytes);
    const says = new RegExp(`node ${place}, term 0, weight 7: found -?\\d+, expected -?\\d+`);
    await fails({ code: 'network.check', exit: 3, says }, ['network', 'check', forged, ...words]);

    const cut = network.nodes.map((node) =>
      node.kind === 'relu' ? { ...node, scales: node.scales.map((scale) => scale * 1e9) } : node,
    );
    writeFileSync(forged, finishNetwork({ ...network, nodes: cut }).bytes);
    await fails({ code: 'network.check', exit: 3 }, ['network', 'check', forged, ...words]);

    const other = join(folder, 'other');
    await succeeds(['train', other, '--data', shop.data, ...quick.slice(0, -2), '--seed', '2']);
    const against = ['network', 'check', file, '--suspect', other];
    await fails({ code: 'network.model', exit: 3, says: /of the model/ }, against);
  });

  it('lets the owner approve networks, and compares them with those before', async () => {
    const claim = copyClaim(shop);
    const before = listing(claim);
    const owner = ['--claim', claim];
    const approve = (...words: string[]) => ['network', 'approve', ...words, ...owner];
    await fails({ code: 'usage.yes', exit: 2, says: /--yes/ }, approve(file));
    const none = await succeeds(['network', 'list', ...owner]);
    expect(none.stdout).to.equal('approved networks: 0\nwhite box sessions: 0\n');
    expect(listing(claim)).to.deep.equal(before);

    const first = await succeeds(approve(file, '--yes'));
    expect(first.stdout).to.match(/no network was approved before/);
    expect(first.stderr).to.match(new RegExp(`approved ${digest}`));
    const kept = join(claim, 'white-box', 'networks', `${digest}.network`);
    expect(readFileSync(kept)).to.deep.equal(readFileSync(file));
    expect(statSync(kept).mode & 0o777).to.equal(0o600);
    expect(statSync(join(claim, 'white-box')).mode & 0o777).to.equal(0o700);
    expect((await succeeds(approve(file, '--yes'))).stderr).to.match(/approved before/);

    const roomy = join(folder, 'roomy.network');
    const words = ['--suspect', shop.model, '--data', shop.data, '--headroom', '2'];
    await succeeds(['network', 'make', roomy, ...words]);
    const second = await succeeds(approve(roomy, '--yes'));
    const row = new RegExp(
      `^${digest.slice(0, 16)} +same +\\d+\\.\\d % +0\\.00\\d+ +\\d\\.\\d % of 500$`,
      'm',
    );
    expect(second.stdout).to.match(row);
    const { stdout } = await succeeds(['network', 'list', ...owner]);
    expect(stdout).to.match(/^approved networks: 2\n/);
    expect(stdout).to.match(new RegExp(`^${digest} +128 +10 \\+ 10 +[0-9a-f]{64}$`, 'm'));

    damage(kept, -20, 'flip');
    await fails({ code: 'network.digest', exit: 2 }, ['network', 'list', ...owner]);
  });

  it('says what is wrong with what was typed, and leaves nothing behind', async () => {
    const damaged = join(folder, 'damaged.network');
    writeFileSync(damaged, readFileSync(file));
    damage(damaged, -1, 'cut');
    const there = readdirSync(folder);
    const out = join(folder, 'new.network');
    const make = (...words: string[]) => [
      'network',
      'make',
      out,
      '--suspect',
      shop.model,
      ...words,
    ];
    const data = ['--data', shop.data];
    const mistakes: [code: string, words: string[], says: RegExp][] = [
      ['usage.arguments', ['network'], /make, check, info/],
      ['usage.arguments', ['network', 'make', out], /suspect/],
      ['usage.bits', make(...data, '--bits', '10'), /10,10/],
      ['usage.number', make(...data, '--calibrate', '0'), /calibrate/],
      ['usage.number', make(...data, '--headroom', '0.5'), /headroom/],
      ['dataset.shape', make(), /28x28x1, not 8x8x1/],
      ['file.missing', make(...data, '--commitment', '/nowhere/c'), /nowhere/],
      ['file.missing', ['network', 'make', out, '--suspect', '/nowhere/m', ...data], /nowhere/],
      ['network.format', ['network', 'info', damaged], /damaged.network.*cut off/],
      ['network.format', ['network', 'check', damaged, '--suspect', shop.model], /cut off/],
      ['network.format', ['network', 'info', shop.commitment], /not a network file/],
      ['usage.claim', ['network', 'approve', file, '--yes'], /claim/],
    ];
    await inTwos(mistakes, ([code, words, says]) => fails({ code, exit: 2, says }, words));
    expect(readdirSync(folder)).to.deep.equal(there);
    expect(existsSync(out)).to.equal(false);
  });

  it('shows an example in the help of every step', async () => {
    await inTwos(['', ...commands], async (command) => {
      const words = ['network', ...(command === '' ? [] : [command]), '--help'];
      const { stdout } = await succeeds(words);
      expect(stdout, command).to.match(/Example.*\n +veilmark network/);
      const longest = Math.max(...stdout.split('\n').map((line) => line.length));
      expect(longest, command).to.be.at.most(120);
    });
  });
});

/** Two at a time: each takes a processor. */
async function inTwos<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += 2) await Promise.all(items.slice(i, i + 2).map(work));
}
