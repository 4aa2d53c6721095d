import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, succeeds } from './veilmark.js';
import { counts, listing, type Workshop, workshop } from './workshop.js';

describe('pictures and labels that cannot be used', function () {
  this.timeout(60_000);
  let shop: Workshop;
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const commit = (...words: string[]): string[] => [
    ...['commit', at('claim'), '--key', shop.ownerKey, '--data', shop.data, '--plain'],
    ...[...counts, '--images', at('pictures'), ...words],
  ];

  before(async () => {
    shop = await workshop();
    folder = newFolder();
    await succeeds(['triggers', 'generate', at('pictures'), '--shape', '9x9x1', '--count', '84']);
  });

  it('says what is wrong and writes nothing', async () => {
    const before = listing(folder);
    const labels = join(newFolder(), 'labels');
    writeFileSync(labels, `${Array.from({ length: 84 }, (_, i) => i % 11).join('\n')}\n`);
    const words = ['--labels', 'chosen', '--labels-file', labels];
    await Promise.all([
      fails({ code: 'picture.shape', exit: 2, says: /9 wide/ }, commit('--fit', 'exact')),
      fails({ code: 'trigger.too-few', exit: 2 }, commit().with(8, '120')),
      fails({ code: 'commit.labels', exit: 2 }, commit('--labels-file', labels)),
      fails({ code: 'trigger.label', exit: 2, says: /10/ }, commit(...words)),
    ]);
    expect(listing(folder)).to.deep.equal(before);
  });

  it('keeps generated pictures and sheets to their owner, and overwrites none', async () => {
    const sheet = at('pictures.png');
    for (const path of [sheet, at('pictures/1.png')]) {
      expect(statSync(path).mode & 0o777, path).to.equal(0o600);
    }
    expect(statSync(at('pictures')).mode & 0o777).to.equal(0o700);
    const before = readFileSync(sheet);
    await fails({ code: 'file.exists', exit: 2 }, [
      ...['triggers', 'show', sheet, '--claim', shop.claim],
    ]);
    expect(readFileSync(sheet)).to.deep.equal(before);
  });

  it('takes the task from a folder with one folder for each class', async () => {
    for (const [i, name] of ['cat', 'dog'].entries()) {
      mkdirSync(at(`task/${name}`), { recursive: true });
      cpSync(at(`pictures/${i + 1}.png`), at(`task/${name}/1.png`));
    }
    const task = ['--key', shop.ownerKey, '--data', `folder:${at('task')}`, '--plain'];
    const large = ['--hidden', '300', '--audited', '4', '--batch', '150'];
    await succeeds(['commit', at('folder-claim'), ...task, '--shape', '9x9x1', ...large]);
    const { stdout } = await succeeds(['inspect', at('folder-claim/commitment.veilmark')]);
    expect(stdout).to.match(/cat/);
  });

  it('names a picture that cannot be read, and a folder that is none', async () => {
    writeFileSync(at('pictures/7.png'), 'no picture');
    await fails({ code: 'picture.unreadable', exit: 2, says: /7\.png/ }, commit());
    mkdirSync(at('empty'));
    await fails(
      { code: 'trigger.too-few', exit: 2 },
      commit('--images', at('empty')).toSpliced(-4, 2),
    );
  });
});
