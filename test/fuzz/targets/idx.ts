import { gzipSync } from 'node:zlib';

import { idxDataset, parseIdx, unpack } from '../../../src/training/data/index.js';
import type { FuzzTarget } from '../target.js';

const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0);

/** An IDX file of images, packed or not, joined with labels for two of them. */
export const idx: FuzzTarget = {
  name: 'idx',
  seeds: () => {
    const images = Uint8Array.of(
      0,
      0,
      8,
      3,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
      2,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
    );
    return [images, labels, new Uint8Array(gzipSync(images, { level: 9 }))];
  },
  run: async (input) => {
    const bytes = await unpack(input, 'the input');
    const { dimensions } = parseIdx(bytes, 'the input');
    if (dimensions.length === 1) return 'labels';
    const { shape } = idxDataset({
      images: bytes,
      labels,
      classNames: ['a', 'b'],
      what: 'the input',
    });
    return `images of ${shape.channels}`;
  },
};
