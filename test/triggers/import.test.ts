import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256 } from '@noble/hashes/sha2.js';
import { expect } from 'chai';
import fc from 'fast-check';

import { parseShape } from '../../src/base/index.js';
import { writePicture } from '../../src/files/index.js';
import { abstractImage, importTriggers, joinLabels } from '../../src/triggers/index.js';
import { coded } from '../coded.js';

const picture = (index: number, shape = '20x24x3') =>
  abstractImage({ seed: sha256(Uint8Array.of(index)), shape: parseShape(shape) });
const form = { shape: parseShape('16x16x1'), fit: 'resize' } as const;

describe('import of trigger pictures', () => {
  let parent: string;
  let folder: string;
  let next = 0;
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'veilmark-import-'));
  });
  after(() => rm(parent, { recursive: true }));
  beforeEach(async () => {
    folder = join(parent, `${next++}`);
    await mkdir(folder);
  });
  const fill = async (names: readonly string[]) => {
    for (const [i, name] of names.entries()) await writePicture(join(folder, name), picture(i));
  };
  const labels = async (text: string) => {
    await writeFile(join(folder, 'labels.txt'), text);
    return join(folder, 'labels.txt');
  };

  it('takes pictures of any size in natural order, the first of them if fewer are asked for', async () => {
    await fill(['10.png', '1.png', '2.png']);
    await writePicture(join(folder, '3.png'), picture(9, '50x31x1'));
    await writeFile(join(folder, '.hidden'), '');
    const all = await importTriggers({ folder, form });
    expect(all.names).to.deep.equal(['1.png', '2.png', '3.png', '10.png']);
    expect(all.images.map(({ shape }) => shape)).to.deep.equal(Array(4).fill(form.shape));
    expect(all).not.to.have.property('labels');
    const two = await importTriggers({ folder, form, count: 2 });
    expect(two.images).to.deep.equal(all.images.slice(0, 2));
  });

  it('joins line i to picture i by number, not by sorted path', async () => {
    await fill(Array.from({ length: 11 }, (_, i) => `${i + 1}.png`));
    const labelFile = await labels('0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n3\n');
    const { names, labels: joined, warnings } = await importTriggers({ folder, form, labelFile });
    expect(names.indexOf('10.png')).to.equal(9);
    expect(joined).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 3]);
    expect(warnings).to.deep.equal([]);
    const some = await importTriggers({ folder, form, labelFile, count: 3, classes: 10 });
    expect(some.labels).to.deep.equal([0, 1, 2]);
  });

  it('refuses a missing picture, a missing line, and a number that is there twice', async () => {
    await fill(['1.png', '3.png']);
    const three = await labels('5\n6\n7\n');
    const error = await coded('trigger.number-missing', () =>
      importTriggers({ folder, form, labelFile: three }),
    );
    expect(error.message).to.contain('picture 2');
    await fill(['1.png', '3.png', '2.png']);
    expect((await importTriggers({ folder, form, labelFile: three })).labels).to.have.length(3);
    const two = await labels('5\n6\n');
    const extra = await coded('trigger.number-missing', () =>
      importTriggers({ folder, form, labelFile: two }),
    );
    expect(extra.message).to.contain('3.png');
    await labels('5\n6\n7\n');
    await writePicture(join(folder, '02.png'), picture(9));
    const twice = await coded('trigger.number-twice', () =>
      importTriggers({ folder, form, labelFile: three }),
    );
    expect(twice.message).to.contain('02.png and 2.png');
  });

  it('joins by order where names are no numbers, and says so', async () => {
    await fill(['b10.png', 'b9.png', 'a.png']);
    const labelFile = await labels('7\n8\n9');
    const imported = await importTriggers({ folder, form, labelFile });
    expect(imported.names).to.deep.equal(['a.png', 'b9.png', 'b10.png']);
    expect(imported.labels).to.deep.equal([7, 8, 9]);
    expect(imported.warnings.map(({ code }) => code)).to.deep.equal(['trigger.labels-by-order']);
    await labels('7\n8\n');
    await coded('trigger.labels-count', () => importTriggers({ folder, form, labelFile }));
  });

  it('refuses too few pictures, also none', async () => {
    await coded('trigger.too-few', () => importTriggers({ folder, form }));
    await fill(['1.png']);
    const error = await coded('trigger.too-few', () => importTriggers({ folder, form, count: 2 }));
    expect(error.message).to.contain('1 pictures, 2 are needed');
    await coded('file.folder', () => importTriggers({ folder: join(folder, 'no'), form }));
  });

  it('refuses two pictures that are the same at this size', async () => {
    await fill(['1.png', '2.png']);
    await writePicture(join(folder, 'copy.png'), picture(1));
    const error = await coded('trigger.duplicate', () => importTriggers({ folder, form }));
    expect(error.message).to.contain('2.png and copy.png');
  });

  it('names the file that is no picture', async () => {
    await fill(['1.png']);
    await writeFile(join(folder, '2.jpg'), 'damaged');
    const error = await coded('picture.unreadable', () => importTriggers({ folder, form }));
    expect(error.message).to.contain('2.jpg');
    await writeFile(join(folder, 'notes.txt'), 'hello');
    const stray = await coded('trigger.stray', () => importTriggers({ folder, form }));
    expect(stray.message).to.contain('notes.txt');
  });
});

describe('a label file', () => {
  const names = ['1.png', '2.png', '3.png'];
  const join3 = (text: string, classes?: number) =>
    joinLabels({ text, names, classes, what: 'labels.txt' });

  it('is read as the authors of the paper published theirs, with any line ends', () => {
    const text = '6.000000000000000000e+00\r\n2.000000000000000000e+00\r\n8.0e+00\r\n';
    expect(join3(text).labels).to.deep.equal([6, 2, 8]);
    expect(join3('1\n 2 \n3').labels).to.deep.equal([1, 2, 3]);
  });

  it('is refused where a line is no class', async () => {
    for (const text of [
      '',
      '1\n\n3',
      '1\n2.5\n3',
      '1\n-2\n3',
      '1\nx\n3',
      '1\n2e+01\n3',
      '1 2\n3',
    ]) {
      const error = await coded('trigger.labels', () => join3(text));
      expect(error.message).to.match(/line [12] of labels.txt/);
    }
    await coded('trigger.label', () => join3('1\n10\n2', 10));
    expect(join3('1\n9\n2', 10).labels).to.deep.equal([1, 9, 2]);
  });

  it('is warned of when all its labels are the same', () => {
    expect(join3('0\n0\n0').warnings.map(({ code }) => code)).to.deep.equal([
      'trigger.labels-same',
    ]);
  });

  it('gives each numbered picture its own line, in whatever order the names come', () => {
    const permutation = fc
      .integer({ min: 1, max: 30 })
      .chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }));
    fc.assert(
      fc.property(permutation, (order) => {
        const { labels } = joinLabels({
          text: order.map((_, i) => `${i * 3}`).join('\n'),
          names: order.map((index) => `${index + 1}.webp`),
          what: 'labels',
        });
        expect(labels).to.deep.equal(order.map((index) => index * 3));
      }),
    );
  });
});
