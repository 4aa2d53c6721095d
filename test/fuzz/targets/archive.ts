import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { readArchive } from '../../../src/training/data/archive.js';
import { png, tar } from '../../training/data-fixtures.js';
import type { FuzzTarget } from '../target.js';
import { temporaryPath } from '../temporary.js';

/** A `.tar` or `.tar.gz` of pictures by class. */
export const archive: FuzzTarget = {
  name: 'archive',
  seeds: async () => {
    const data = await png(7);
    const plain = tar([{ path: 'cat/' }, { path: 'cat/1.png', data }, { path: 'dog/2.png', data }]);
    return [
      plain,
      new Uint8Array(gzipSync(plain, { level: 9 })),
      tar([{ path: '../x.png', data }]),
    ];
  },
  run: async (input) => {
    const path = temporaryPath('pictures.tar.gz');
    writeFileSync(path, input);
    const entries = await readArchive(path, { limit: 2 ** 26 });
    if (entries.some(({ parts }) => parts.includes('..') || parts.includes(''))) {
      throw new Error('a path that leaves the archive');
    }
    return `${Math.min(3, entries.length)}`;
  },
};
