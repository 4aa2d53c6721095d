import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type AttackRecord, parseRecord } from '../../src/attacks/index.js';
import { fails, newFolder, start, succeeds } from '../e2e/veilmark.js';
import { listing, type Workshop, workshop } from '../e2e/workshop.js';

describe('veilmark attack', function () {
  this.timeout(60_000);
  this.slow(4000);
  let shop: Workshop;
  let out: string;

  before(async () => {
    shop = await workshop();
  });

  beforeEach(() => {
    out = join(newFolder(), 'attacks');
  });

  const words = (name: string, ...more: string[]): string[] => [
    ...['attack', name, out, '--model', shop.model, '--claim', shop.claim, '--data', shop.data],
    ...more,
  ];
  const record = (name: string): AttackRecord =>
    parseRecord(readFileSync(join(out, name, 'record.json')));

  it('runs one attack, and writes its record and with --save its model', async () => {
    const { stdout, stderr } = await succeeds(words('ftll', '--epochs', '2', '--save'));
    expect(stdout).to.match(
      /^attack +variant.*\nftll +2 epochs at 0.01 +.* proved +mark kept +2 +0\n$/,
    );
    expect(stderr).to.match(/model-1\/ \(2 epochs at 0.01; 8x8x1, 10 classes\)/);
    const { attack, options, seed, cost, before, points, curves } = record('ftll');
    expect({ attack, options, seed }).to.deep.equal({
      ...{ attack: 'ftll', seed: '1', options: { epochs: '2', rate: '0.01' } },
    });
    expect(cost).to.include({ epochs: '2', queries: 0 });
    expect(before.verdict).to.equal('proved');
    expect(points[0]!.ownerHead?.verdict).to.equal('proved');
    expect(curves.map(({ epochs }) => epochs.length)).to.deep.equal([2]);
    await fails({ code: 'file.exists', exit: 2 }, words('ftll', '--epochs', '2', '--save'));
    expect(readdirSync(join(out, 'ftll', 'model-1'))).to.deep.equal(['model.json', 'weights.bin']);
  });

  it('gives the thief a part of the images, and says so', async () => {
    await succeeds(words('extract', '--data-part', '0.2', '--epochs', '1'));
    expect(record('extract').data).to.equal(`${shop.data}, 0.2 of it`);
    expect(record('extract').cost).to.include({ epochs: '1', queries: 60 });
    const wrong = { code: 'usage.number', exit: 2, says: /less than one of 300 images/ };
    await fails(wrong, words('ftal', '--data-part', '0.001'));
  });

  it('goes on with `attack all` where it was stopped, and keeps what is done', async () => {
    const only = ['--only', 'noise, neural-cleanse,noise'];
    const run = await start(words('all', ...only));
    await run.says(/wrote .*noise.record\.json\nneural-cleanse/);
    const stopped = await run.interrupt();
    expect(stopped.code, stopped.stderr).to.equal(5);
    expect(stopped.stderr).to.match(/\[training\.stopped\]\nhint: .*attack all/);
    expect(listing(out)).to.deep.equal(['noise', join('noise', 'record.json')]);
    const kept = readFileSync(join(out, 'noise', 'record.json'));

    const { stdout, stderr } = await succeeds(
      words('all', '--only', 'noise,ftal', '--epochs', '1'),
    );
    expect(stderr).to.match(/noise: done before, kept\nftal: Fine-tune all layers/);
    expect(stdout.split('\n').map((row) => row.split(' ')[0])).to.deep.equal([
      ...['attack', 'noise', 'ftal', ''],
    ]);
    expect(readFileSync(join(out, 'noise', 'record.json'))).to.deep.equal(kept);

    // What is in the way of the last attack is said before the first one.
    const other = { code: 'attack.other-record', exit: 2, says: /differs in options/ };
    const before = listing(out);
    const unusable = { code: 'attack.options', exit: 2 };
    await Promise.all([
      fails(other, words('all', '--only', 'prune,ftal', '--epochs', '2')),
      fails({ ...other, says: /in seed/ }, words('all', '--only', 'noise', '--seed', '2')),
      fails(unusable, words('all', '--only', 'prune,ftal', '--epochs', '0')),
      fails({ ...unusable, says: /to is not given/ }, words('all', '--only', 'prune,transfer')),
    ]);
    expect(listing(out)).to.deep.equal(before);
  });

  it('refuses a model that does not have the mark, is foreign or broken, and writes nothing', async () => {
    const at = (name: string): string => join(newFolder(), name);
    const clean = at('clean');
    const [foreign, cut, strange] = [at('foreign'), at('cut'), at('strange')];
    await succeeds(['train', clean, '--data', shop.data, '--architecture', 'mlp', '--epochs', '2']);
    for (const copy of [foreign, cut, strange]) cpSync(shop.model, copy, { recursive: true });
    for (const copy of [foreign, strange]) rmSync(join(copy, 'veilmark.json'));
    writeFileSync(join(cut, 'weights.bin'), readFileSync(join(cut, 'weights.bin')).subarray(4));
    const topology = join(strange, 'model.json');
    writeFileSync(topology, readFileSync(topology, 'utf8').replaceAll('"Dense"', '"Mystery"'));
    const attack = (model: string): string[] => [
      ...['attack', 'noise', out, '--model', model, '--claim', shop.claim, '--data', shop.data],
    ];
    await Promise.all([
      fails({ code: 'attack.unmarked', exit: 2, says: /36 are needed/ }, attack(clean)),
      fails({ code: 'model.digest', exit: 2 }, attack(cut)),
      fails({ code: 'model.load', exit: 2, says: /Mystery/ }, attack(strange)),
    ]);
    expect(existsSync(out)).to.equal(false);
    // A folder of another program, of the very same network.
    await succeeds(attack(foreign));
    expect(readdirSync(out)).to.deep.equal(['noise']);
  });

  it('refuses a false claim before it trains', async () => {
    const data = ['--data', shop.data];
    const refuses = async (code: string, ...more: string[]): Promise<void> => {
      const attacks = join(newFolder(), 'attacks');
      await fails({ code, exit: 2 }, ['attack', 'false-claim', attacks, ...more]);
      expect(existsSync(attacks)).to.equal(false);
    };
    await Promise.all([
      refuses('usage.seed', ...data, '--seed', '\u001b[31m'),
      refuses('file.missing', ...data, '--suspect', out),
      refuses('model.shape', '--suspect', shop.model),
      // Of 8 x 8 pixels a network of the judge's leaves nothing.
      refuses('architecture.shape', ...data),
    ]);
  });
});
