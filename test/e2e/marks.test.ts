import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, succeeds, veilmark } from './veilmark.js';
import { copyClaim, counts, listing, quick, session, type Workshop, workshop } from './workshop.js';

describe('marks of other kinds', function () {
  this.timeout(120_000);
  let shop: Workshop;

  before(async () => {
    shop = await workshop();
  });

  it('commits to pictures with labels as the paper published them; the verdict stays open', async () => {
    const folder = newFolder();
    const [pictures, labels] = [join(folder, 'pictures'), join(folder, 'labels.txt')];
    const [claim, model] = [join(folder, 'claim'), join(folder, 'model')];
    await succeeds(['triggers', 'generate', pictures, '--shape', '12x9x3', '--count', '84']);
    const lines = Array.from({ length: 84 }, (_, i) => `${i % 10}.000000000000000000e+00`);
    writeFileSync(labels, `${lines.join('\n')}\n`);
    const from = ['--images', pictures, '--labels', 'chosen', '--labels-file', labels];
    const task = ['--key', shop.ownerKey, '--data', shop.data, '--plain', ...counts];
    await succeeds(['commit', claim, ...task, ...from]);
    await succeeds(['embed', model, '--claim', claim, '--data', shop.data, ...quick]);
    const chosen = { ...shop, commitment: join(claim, 'commitment.veilmark') };
    const { judge, transcript } = await session(chosen, ['--suspect', model], { claim });
    expect(judge.stdout).to.match(/^inconclusive, .*cause nulls\.too-few/);
    expect(judge.code).to.equal(4);
    expect((await veilmark(['verify', transcript])).code).to.equal(4);
  });

  it('makes the same test mark from the same seed, and never proves with it', async () => {
    const folder = newFolder();
    const at = (name: string): string => join(folder, name);
    const task = ['--key', shop.ownerKey, '--data', shop.data, '--plain', ...counts];
    await Promise.all(
      ['a', 'b'].map((name) => succeeds(['commit', at(name), ...task, '--seed', 'seed'])),
    );
    const [a, b] = ['a', 'b'].map((name) => readFileSync(at(`${name}/commitment.veilmark`)));
    expect(a).to.deep.equal(b);
    const words = ['prove', '--claim', at('a'), '--key', shop.ownerKey];
    await fails({ code: 'prove.origin', exit: 3 }, words);
  });

  it('encrypts key and mark, and opens them by environment or file', async () => {
    const folder = newFolder();
    const at = (name: string): string => join(folder, name);
    const env = { VEILMARK_PASSPHRASE: 'right' };
    writeFileSync(at('right'), 'right\nsecond line\n');
    writeFileSync(at('wrong'), 'wrong\n');
    await succeeds(['keygen', at('key')], { env });
    const task = ['--key', at('key'), '--data', shop.data, ...counts];
    await succeeds(['commit', at('claim'), ...task, '--passphrase-file', at('right')]);
    const before = listing(folder);
    const mark = at('claim/mark.veilmark');
    const show = ['triggers', 'show', at('sheet.png'), '--claim', at('claim')];
    const wrong = { code: 'sealed.passphrase', exit: 2, says: /passphrase is wrong/ };
    await Promise.all([
      fails(wrong, [...show, '--passphrase-file', at('wrong')]),
      fails({ ...wrong, says: /key: the key file/ }, ['commit', at('c2'), ...task], {
        env: { VEILMARK_PASSPHRASE: 'wrong' },
      }),
      fails({ code: 'passphrase.missing', exit: 2 }, show),
      fails({ code: 'passphrase.empty', exit: 2 }, show, { env: { VEILMARK_PASSPHRASE: '' } }),
    ]);
    expect(listing(folder)).to.deep.equal(before);
    expect((await succeeds(['inspect', mark])).stdout).to.match(/xchacha20-poly1305/);
    await succeeds(show, { env });
  });

  it('refuses a mark, ledger or key of another claim', async () => {
    const other = copyClaim(shop);
    const task = ['--key', shop.ownerKey, '--data', shop.data, '--plain', ...counts];
    const second = join(newFolder(), 'second');
    await succeeds(['commit', second, ...task]);
    cpSync(join(second, 'ledger.veilmark'), join(other, 'ledger.veilmark'));
    const model = join(newFolder(), 'model');
    const own = ['--commitment', shop.commitment, '--mark', join(second, 'mark.veilmark')];
    await Promise.all([
      fails({ code: 'ledger.commitment', exit: 2 }, [
        ...['prove', '--claim', other, '--key', shop.ownerKey],
      ]),
      fails({ code: 'mark.commitment', exit: 3 }, ['prove', ...own, '--key', shop.ownerKey]),
      fails({ code: 'mark.commitment', exit: 3 }, [
        ...['embed', model, '--data', shop.data, ...own, ...quick],
      ]),
      fails({ code: 'prove.key', exit: 3 }, [
        ...['prove', '--claim', shop.claim, '--key', shop.judgeKey],
      ]),
    ]);
  });
});
