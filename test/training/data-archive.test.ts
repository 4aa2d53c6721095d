import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { expect } from 'chai';
import fc from 'fast-check';
import { create } from 'tar';

import { InputError, parseShape } from '../../src/base/index.js';
import { readArchive } from '../../src/training/data/archive.js';
import { loadDataset, openPictures } from '../../src/training/data/index.js';
import { datasetDigest } from '../../src/training/run.js';
import { coded } from '../coded.js';
import { png, put, tar, type TarEntry } from './data-fixtures.js';

const shape = parseShape('4x4x1');
const options = { split: 'train', shape } as const;

describe('an archive of pictures by class', () => {
  let folder: string;
  let path: string;
  let pictures: Uint8Array[];
  before(async () => {
    pictures = await Promise.all([10, 20, 30, 40].map((value) => png(value)));
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-archive-'));
    path = join(folder, 'set.tar');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const picture = (index: number) => pictures[index]!;
  const plain = (): TarEntry[] => [
    { path: 'train/dog/10.png', data: picture(3) },
    { path: 'train/cat/x.png', data: picture(0) },
    { path: 'train/dog/9.png', data: picture(2) },
    { path: 'test/dog/1.png', data: picture(0) },
    { path: 'test/cat/1.png', data: picture(1) },
  ];
  const under = (lead: string, entries: readonly TarEntry[]) =>
    entries.map((entry) => ({ ...entry, path: `${lead}${entry.path}` }));
  const write = (entries: readonly TarEntry[]) => writeFile(path, tar(entries));
  const load = (split: 'train' | 'test' = 'train') =>
    loadDataset(`folder:${path}`, { split, shape });

  it('gives the same as the folder, in the same order, whatever its own', async () => {
    for (const entry of plain()) await put(join(folder, 'data', entry.path), entry.data!);
    await put(join(folder, 'data/LICENSE'), 'x');
    await put(join(folder, 'data/train/.DS_Store'), 'x');
    const spec = `folder:${join(folder, 'data')}`;
    const file = join(folder, 'set.tgz');
    await create({ file, gzip: true, cwd: join(folder, 'data') }, ['test', 'train', 'LICENSE']);
    await write(plain());
    for (const split of ['train', 'test'] as const) {
      const expected = await loadDataset(spec, { split, shape });
      const { listingDigest } = await openPictures(spec, { split, shape });
      for (const archive of [file, path]) {
        const found = await loadDataset(`folder:${archive}`, { split, shape });
        expect(found).to.deep.equal(expected);
        expect(datasetDigest(found)).to.equal(datasetDigest(expected));
        const source = await openPictures(`folder:${archive}`, { split, shape });
        expect(source.listingDigest).to.equal(listingDigest);
      }
    }
    expect([...(await load()).labels]).to.deep.equal([0, 1, 1]);
    expect((await load()).pixels.filter((_, i) => i % 16 === 0).join()).to.equal('10,30,40');
  });

  it('can be one folder around everything, and without splits, for training', async () => {
    const classes: TarEntry[] = [
      { path: '10/' },
      { path: '10/a.png', data: picture(0) },
      { path: '9/a.png', data: picture(1) },
    ];
    await write(plain());
    const expected = await load();
    const around = [{ path: './' }, { path: './set/' }, ...under('./set/', plain())];
    await write([...around, { path: './set/LICENSE', data: 'x' }]);
    expect(await load()).to.deep.equal(expected);
    for (const lead of ['', './', 'all/', './all/']) {
      await write(under(lead, classes));
      expect((await load()).classNames, lead).to.deep.equal(['9', '10']);
      await coded('dataset.split', () => load('test'));
    }
    await write(classes.slice(0, 2));
    const error = await coded('dataset.classes', () => load());
    expect(error.message).to.contain('1 class folders');
    await write([]);
    await coded('dataset.classes', () => load());
  });

  it('can be one of several, that hold a set together', async () => {
    await write(plain());
    const expected = await load('test');
    const other = join(folder, 'test.tar.gz');
    await writeFile(path, tar(under('a/', plain().slice(0, 3))));
    await writeFile(other, gzipSync(tar(plain().slice(3))));
    path = `${path},${other}`;
    expect(await load('test')).to.deep.equal(expected);
    expect(await load())
      .to.have.property('labels')
      .with.length(3);
    await writeFile(other, tar([...plain().slice(3), plain()[0]!]));
    const error = await coded('dataset.archive', () => load());
    expect(error.message).to.contain('train/dog/10.png').and.contain('twice');
  });

  it('is refused with stray files, other classes, or an empty class, as a folder is', async () => {
    for (const [code, entry] of [
      ['dataset.stray', { path: 'train/notes.txt', data: 'x' }],
      ['dataset.stray', { path: 'train/cat/notes.txt', data: 'x' }],
      ['dataset.stray', { path: 'train/cat/more/1.png', data: picture(0) }],
      ['dataset.stray', { path: 'bird/1.png', data: picture(0) }],
      ['dataset.classes', { path: 'train/bird/1.png', data: picture(0) }],
      ['dataset.empty-class', { path: 'train/bird/' }],
      ['picture.unreadable', { path: 'train/cat/2.png', data: 'x' }],
    ] as const) {
      const twin = entry.path === 'train/bird/' ? [{ path: 'test/bird/' }] : [];
      await write([...plain(), entry, ...twin]);
      const error = await coded(code, () => load());
      const [named] = entry.path.split('/').filter((part) => part !== 'train');
      expect(error.message).to.contain(named).and.contain('set.tar');
    }
  });

  it('is refused with paths that lead out, links, devices, or a path twice', async () => {
    const types = ['Link', 'SymbolicLink', 'CharacterDevice', 'BlockDevice', 'FIFO'] as const;
    for (const entry of [
      { path: '/train/cat/1.png', data: picture(0) },
      { path: 'train/../../1.png', data: picture(0) },
      { path: '../cat/1.png', data: picture(0) },
      { path: 'train/cat/..', type: 'Directory' as const },
      ...types.map((type) => ({ path: 'train/cat/1.png', type, linkpath: 'x.png' })),
      { path: '.hidden', type: 'SymbolicLink' as const, linkpath: '/etc/passwd' },
      { path: 'train/cat/1.png', type: 'SparseFile' },
      { path: 'train/cat/x.png', data: picture(0) },
      { path: 'train/cat/x.png/1.png', data: picture(0) },
      { path: 'train/cat', data: 'x' },
    ] satisfies TarEntry[]) {
      await write([...plain(), entry]);
      const error = await coded('dataset.archive', () => load());
      expect(error.message).to.contain(path);
    }
  });

  it('is refused when cut off anywhere, packed or not', async () => {
    const bytes = tar(plain());
    const end = bytes.length - 1024;
    for (const length of [...Array(end / 512).keys()].map((block) => block * 512)) {
      for (const odd of [0, 100]) {
        await writeFile(path, bytes.subarray(0, length + odd));
        await coded('dataset.archive', () => load());
      }
    }
    await writeFile(path, bytes.subarray(0, end));
    await coded('dataset.archive', () => load());
    const packed = gzipSync(bytes);
    for (let length = 0; length < packed.length; length += 7) {
      await writeFile(path, packed.subarray(0, length));
      await coded('dataset.archive', () => load());
    }
  });

  it('gives an error with a code, or a listing, for any flipped byte', async () => {
    const bytes = tar(plain());
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const damaged = bytes.slice();
          damaged[at]! ^= flip;
          await writeFile(path, damaged);
          const outcome = await openPictures(`folder:${path}`, options).catch((e: unknown) => e);
          if (outcome instanceof Error) expect(outcome).to.be.instanceOf(InputError);
          else expect(outcome).to.have.property('count', 3);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is refused before it unpacks to more than the limit', async () => {
    const limit = 2 ** 20;
    const zeros = new Uint8Array(2 ** 23);
    const many = Array.from({ length: 3000 }, (_, i) => ({ path: `train/cat/${i}.png` }));
    for (const bytes of [
      tar([{ path: 'train/cat/1.png', data: zeros }]),
      tar([{ path: 'train/cat/notes.txt', data: zeros }]),
      tar(many),
      // Behind the end of the archive.
      Buffer.concat([tar([]), zeros]),
    ]) {
      for (const file of [bytes, gzipSync(bytes)]) {
        await writeFile(path, file);
        const error = await coded('dataset.size', () => readArchive(path, { limit }));
        expect(error.hint).to.contain('unpack it');
      }
    }
    expect((await stat(path)).size).to.be.lessThan(2 ** 15);
    await writeFile(path, gzipSync(gzipSync(tar(many))));
    await coded('dataset.archive', () => readArchive(path, { limit }));
  });

  it('is refused with a picture larger than any that is decoded, by its header', async () => {
    await write([{ path: 'train/cat/1.png', size: 2 ** 26 + 1 }]);
    await coded('dataset.size', () => load());
    await write([{ path: 'train/cat/1.png', size: 2 ** 26 }]);
    await coded('dataset.archive', () => load());
  });

  it('is refused when it is no archive, or not there', async () => {
    for (const content of ['', 'x', 'x'.repeat(2000), gzipSync('x')]) {
      await writeFile(path, content);
      await coded('dataset.archive', () => load());
    }
    await rm(path);
    const error = await coded('file.missing', () => load());
    expect(error.message).to.contain(path);
    path = join(folder, 'sub.tar');
    await put(join(path, 'x'), 'x');
    await coded('file.read', () => load());
  });
});
