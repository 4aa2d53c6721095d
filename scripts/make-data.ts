/**
 * Makes data/fashion-mnist-subset from the whole of Fashion-MNIST (Debian: apt install dataset-fashion-mnist): the first
 * 1,000 training and the first 200 test images of each class in the original order, kept in the original order.
 *
 *   tsx scripts/make-data.ts [FOLDER of the four original .gz files] [FOLDER to write]
 *
 * IDX files in gzip without name or time; another zlib may pack the same content otherwise, so the manifest has the
 * digest of the content, too.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { bigEndian, concatBytes, formatShape, sizeOf } from '../src/base/index.js';
import { builtinFolder, type BuiltinManifest } from '../src/training/data/builtin.js';
import { idxDataset, unpack } from '../src/training/data/idx.js';

const [source = '/usr/share/datasets/fashion-mnist', target = builtinFolder] =
  process.argv.slice(2);
const classNames = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
const shape = { height: 28, width: 28, channels: 1 };

function write(name: string, dimensions: readonly number[], data: Uint8Array) {
  const magic = new Uint8Array([0, 0, 8, dimensions.length]);
  const idx = concatBytes(magic, ...dimensions.map((dimension) => bigEndian(dimension, 4)), data);
  const packed = gzipSync(idx, { level: 9, memLevel: 9 });
  packed[9] = 255; // RFC 1952 section 2.3.1: operating system unknown, so that it is the same on every one
  writeFileSync(join(target, name), packed);
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  return { file: name, sha256: sha256(packed), unpackedSha256: sha256(idx) };
}

async function subset(prefix: string, perClass: number) {
  const read = (kind: string) => {
    const path = join(source, `${prefix}-${kind}-ubyte.gz`);
    return unpack(readFileSync(path), path);
  };
  const images = await read('images-idx3');
  const labels = await read('labels-idx1');
  const all = idxDataset({ images, labels, classNames, what: prefix });
  const taken = new Map<number, number>();
  const kept = [...all.labels.keys()].filter((index) => {
    const label = all.labels[index] ?? 0;
    taken.set(label, (taken.get(label) ?? 0) + 1);
    return (taken.get(label) ?? 0) <= perClass;
  });
  const size = sizeOf(shape);
  const pixels = kept.map((index) => all.pixels.subarray(index * size, (index + 1) * size));
  const count = perClass * classNames.length;
  if (kept.length !== count) throw new Error(`${prefix}: ${kept.length} images, not ${count}`);
  return {
    count,
    perClass,
    images: write(
      `${prefix}-images-idx3-ubyte.gz`,
      [count, shape.height, shape.width],
      concatBytes(...pixels),
    ),
    labels: write(
      `${prefix}-labels-idx1-ubyte.gz`,
      [count],
      Uint8Array.from(kept, (index) => all.labels[index] ?? 0),
    ),
  };
}

mkdirSync(target, { recursive: true });
const manifest: BuiltinManifest = {
  name: 'fashion-mnist',
  shape: formatShape(shape),
  classNames,
  splits: { train: await subset('train', 1000), test: await subset('t10k', 200) },
};
writeFileSync(join(target, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
