import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { encodePng } from '../../src/files/index.js';
import { type BatchPlan, epochBatches, type MixedBatch } from '../../src/training/batches.js';
import { decodeCheckpoint } from '../../src/training/checkpoint.js';
import { loadPictures, openPictures, type PictureSource } from '../../src/training/data/index.js';
import { imageAt } from '../../src/training/dataset.js';
import { startFeed } from '../../src/training/feed.js';
import { train } from '../../src/training/train.js';
import { coded } from '../coded.js';
import { put, tar, type TarEntry } from './data-fixtures.js';
import { classNames, dataset, hiddenTriggers, options, regression, shape } from './fixtures.js';

async function all(batches: AsyncIterable<MixedBatch>): Promise<MixedBatch[]> {
  const list: MixedBatch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

describe('training from pictures that are decoded on the way', function () {
  this.slow(2000);
  const images = dataset(44, 'streamed');
  // Pictures are listed by the names of their classes: a number keeps the order of the fixtures.
  const names = classNames.map((name, i) => `${i}-${name}`);
  const test = { ...dataset(20, 'test'), classNames: names };
  let folder: string;
  let source: PictureSource;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-stream-'));
    path = join(folder, 'run.checkpoint');
    const entries: TarEntry[] = [];
    for (let i = 0; i < 44; i++) {
      const data = await encodePng(imageAt(images, i));
      const name = `${names[i % 4]!}/${i}.png`;
      await put(join(folder, 'pictures', name), data);
      entries.push({ path: name, data });
    }
    await writeFile(join(folder, 'pictures.tar'), tar(entries));
    source = await openPictures(`folder:${join(folder, 'pictures')}`, { split: 'train', shape });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has the batches of the same images in memory', async () => {
    const rest = { triggers: hiddenTriggers(), batchSize: 10, triggersPerBatch: 2, seed: 's' };
    const plan: BatchPlan = { task: source, augmentation: { pad: 1, flip: true }, ...rest };
    const memory = await loadPictures(source);
    const feed = startFeed(plan);
    try {
      for (const epoch of [0, 2]) {
        const wanted = await all(epochBatches({ ...plan, task: memory }, epoch));
        expect(wanted).to.have.length(5);
        expect(await all(feed.epoch(epoch))).to.deep.equal(wanted);
      }
    } finally {
      await feed.close();
    }
  });

  it('ends in the weights of the same images in memory, also from an archive', async () => {
    const archive = `folder:${join(folder, 'pictures.tar')}`;
    const archived = await openPictures(archive, { split: 'train', shape });
    const [memory, streamed] = await Promise.all(
      [await loadPictures(source), archived].map((task) =>
        train({ engine: regression(), task, test, options }),
      ),
    );
    expect(memory!.state.weights[0]!.data.some((value) => value !== 0)).to.equal(true);
    expect(streamed!.state).to.deep.equal(memory!.state);
    expect(streamed!.dataDigest).to.equal(source.listingDigest);
    expect(memory!.dataDigest).not.to.equal(source.listingDigest);
  });

  it('stops at a picture that can no longer be read, names it, and goes on once it is there again', async () => {
    const victim = source.listing.files[17]!.path;
    const whole = await readFile(victim);
    const input = { engine: regression(), task: source, test, options };
    const error = await coded('picture.unreadable', () =>
      train({
        ...input,
        checkpoint: { path, resume: false },
        prepare: async (batch) => {
          // The first batch of the second epoch; the thread is a few batches ahead.
          if (batch.noise === 5) await writeFile(victim, whole.subarray(0, 40));
          return batch;
        },
      }),
    );
    expect(error.message).to.include(victim);
    expect(decodeCheckpoint(await readFile(path)).epoch).to.be.within(1, 2);
    await writeFile(victim, whole);
    const resumed = await train({
      ...input,
      engine: regression(),
      checkpoint: { path, resume: true },
    });
    const memory = await loadPictures(source);
    const expected = await train({ ...input, engine: regression(), task: memory });
    expect(resumed.state).to.deep.equal(expected.state);
  });
});
