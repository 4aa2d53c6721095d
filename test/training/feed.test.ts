import { expect } from 'chai';

import { SeededStream } from '../../src/crypto/index.js';
import { augment, paperAugmentation } from '../../src/training/augment.js';
import { type BatchPlan, epochBatches, type MixedBatch } from '../../src/training/batches.js';
import { startFeed } from '../../src/training/feed.js';
import { coded } from '../coded.js';
import { dataset, hiddenTriggers } from './fixtures.js';

const task = dataset(23, 'feed');
const plan: BatchPlan = {
  task,
  triggers: hiddenTriggers(),
  batchSize: 5,
  triggersPerBatch: 2,
  augmentation: { pad: 2, flip: true },
  seed: 'x',
};

async function all(batches: AsyncIterable<MixedBatch>): Promise<MixedBatch[]> {
  const list: MixedBatch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

describe('training/feed', () => {
  it('gives the same batches from a thread, epoch after epoch, also after one that was left', async () => {
    const feed = startFeed(plan);
    try {
      for (const epoch of [0, 1, 5]) {
        expect(await all(feed.epoch(epoch))).to.deep.equal(await all(epochBatches(plan, epoch)));
      }
      for await (const batch of feed.epoch(2)) {
        expect(batch.count).to.equal(7);
        break;
      }
      expect(await all(feed.epoch(2))).to.deep.equal(await all(epochBatches(plan, 2)));
      expect(await all(feed.epoch(3))).to.deep.equal(await all(epochBatches(plan, 3)));
    } finally {
      await feed.close();
    }
    await coded('training.feed', () => all(feed.epoch(4)));
  });

  it('augments task images alone, and each time in another way', async () => {
    const plain = await all(epochBatches({ ...plan, augmentation: undefined }, 0));
    const changed = await all(epochBatches(plan, 0));
    const again = await all(epochBatches(plan, 1));
    changed.forEach((batch, i) => {
      const [before, size] = [plain[i]!, 36];
      expect(batch.labels).to.deep.equal(before.labels);
      const end = batch.taskCount * size;
      expect(batch.pixels.slice(end)).to.deep.equal(before.pixels.slice(end));
      expect(batch.pixels.slice(0, end)).not.to.deep.equal(before.pixels.slice(0, end));
      expect(batch.pixels).not.to.deep.equal(again[i]!.pixels);
    });
  });
});

describe('training/augment', () => {
  const shape = { height: 4, width: 5, channels: 3 };
  const from = Uint8Array.from({ length: 60 }, (_, i) => i + 1);

  /** The image moved and mirrored, from the definition. */
  function moved(down: number, right: number, isMirrored: boolean): Uint8Array {
    const at = (row: number, column: number, c: number): number =>
      row < 0 || row >= 4 || column < 0 || column >= 5 ? 0 : from[(row * 5 + column) * 3 + c]!;
    return Uint8Array.from({ length: 60 }, (_, i) => {
      const [row, column, c] = [Math.floor(i / 15), Math.floor(i / 3) % 5, i % 3];
      return at(row + down, (isMirrored ? 4 - column : column) + right, c);
    });
  }

  it('crops a padded image anywhere, and mirrors half of them', () => {
    const possible = new Map<string, number>();
    for (let down = -1; down <= 1; down++) {
      for (let right = -1; right <= 1; right++) {
        for (const flip of [false, true]) possible.set(moved(down, right, flip).join(), 0);
      }
    }
    const stream = new SeededStream('test/augment', []);
    const to = new Uint8Array(60).fill(255);
    for (let i = 0; i < 600; i++) {
      augment({ from, to, shape, augmentation: { pad: 1, flip: true }, stream });
      const key = to.join();
      expect(possible.has(key)).to.equal(true);
      possible.set(key, possible.get(key)! + 1);
    }
    expect(possible.size).to.equal(18);
    for (const seen of possible.values()) expect(seen).to.be.within(12, 60);
  });

  it('changes nothing without padding and mirror', () => {
    const to = new Uint8Array(60);
    const stream = new SeededStream('test/augment', []);
    augment({ from, to, shape, augmentation: { pad: 0, flip: false }, stream });
    expect(to).to.deep.equal(from);
    expect(paperAugmentation).to.deep.equal({ pad: 4, flip: true });
  });
});
