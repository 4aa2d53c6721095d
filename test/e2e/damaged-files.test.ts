import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, succeeds } from './veilmark.js';
import { counts, damage, listing, session, type Workshop, workshop } from './workshop.js';

describe('files that were cut off or changed', function () {
  this.timeout(120_000);
  let shop: Workshop;
  let folder: string;
  const at = (name: string): string => join(folder, name);

  before(async () => {
    shop = await workshop();
  });

  beforeEach(() => {
    folder = newFolder();
    cpSync(shop.claim, at('claim'), { recursive: true });
    cpSync(shop.model, at('model'), { recursive: true });
    cpSync(shop.ownerKey, at('key'));
  });

  const cases: [name: string, file: string, code: string, exit: number, where: number][] = [
    ['commitment', 'claim/commitment.veilmark', 'commitment.signature', 3, -5],
    ['mark', 'claim/mark.veilmark', 'sealed.damaged', 2, -100],
    ['key', 'key', 'sealed.damaged', 2, -10],
    ['ledger', 'claim/ledger.veilmark', 'ledger.format', 2, 60],
  ];
  for (const [name, file, code, exit, where] of cases) {
    it(`prove names the damaged ${name} and changes nothing`, async () => {
      const words = ['prove', '--claim', at('claim'), '--key', at('key'), '--once'];
      const before = listing(folder);
      damage(at(file), where, 'flip');
      await fails({ code, exit, says: new RegExp(file.replace('.', '\\.')) }, words);
      damage(at(file), where, 'cut');
      const cut = name === 'commitment' ? 'commitment.format' : code;
      await fails({ code: cut, exit: 2 }, words);
      writeFileSync(at(file), '');
      const empty = { commitment: 'commitment.format', ledger: 'ledger.format' }[name];
      await fails({ code: empty ?? 'sealed.format', exit: 2 }, words);
      expect(listing(folder)).to.deep.equal(before);
    });
  }

  it('refuses a changed model wherever it is used', async () => {
    const before = listing(folder);
    damage(at('model/weights.bin'), 1000, 'flip');
    const evaluate = ['evaluate', at('model'), '--data', shop.data];
    await fails({ code: 'model.digest', exit: 2, says: /weights\.bin/ }, evaluate);
    damage(at('model/veilmark.json'), 40, 'flip');
    await fails({ code: 'model.manifest', exit: 2 }, ['inspect', at('model')]);
    damage(at('model/model.json'), 100, 'cut');
    await fails({ code: 'model.manifest', exit: 2 }, ['serve-model', at('model')]);
    expect(listing(folder)).to.deep.equal(before);
  });

  it('verify refuses a transcript that was changed anywhere', async () => {
    const { transcript } = await session(shop, ['--suspect', shop.model]);
    cpSync(transcript, at('t'));
    for (const [place, how] of [
      [3, 'flip'],
      [5000, 'flip'],
      [-40, 'flip'],
      [-1, 'cut'],
    ] as const) {
      cpSync(transcript, at('t'));
      damage(at('t'), place, how);
      await fails({ code: 'transcript.format', exit: 2, says: /t: not a transcript/ }, [
        ...['verify', at('t')],
      ]);
    }
    const other = at('other');
    const task = ['--key', shop.ownerKey, '--data', shop.data, '--plain', ...counts];
    await succeeds(['commit', other, ...task]);
    await fails({ code: 'verify.expected', exit: 3 }, [
      ...['verify', transcript, '--commitment', join(other, 'commitment.veilmark')],
    ]);
  });
});
