import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadCifar, loadStl10 } from '../../../src/training/data/index.js';
import { type FuzzTarget, text } from '../target.js';
import { temporaryPath } from '../temporary.js';

function put(folder: string, files: Readonly<Record<string, Uint8Array>>): string {
  const path = temporaryPath(folder);
  mkdirSync(path, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), bytes);
  return path;
}

/** A binary file of CIFAR-100. */
export const cifar: FuzzTarget = {
  name: 'cifar',
  seeds: () => [new Uint8Array(3074).fill(1), new Uint8Array(2 * 3074), new Uint8Array(3073)],
  run: async (input) => {
    const path = put('cifar', { 'test.bin': input });
    const { labels } = await loadCifar(path, { version: 'cifar100', split: 'test' });
    return String(labels.length > 1);
  },
};

/** The names of classes beside it, and the digests of files. */
export const cifarNames: FuzzTarget = {
  name: 'cifar-names',
  seeds: () => [
    text.encode(Array.from({ length: 100 }, (_, i) => `class ${i}`).join('\n')),
    text.encode('apple\r\n'.repeat(100)),
  ],
  run: async (input) => {
    const bytes = new Uint8Array(3074);
    const path = put('cifar-names', { 'test.bin': bytes, 'fine_label_names.txt': input });
    const { classNames } = await loadCifar(path, { version: 'cifar100', split: 'test' });
    return String(classNames.length);
  },
};

/** Digests beside a file of data. */
export const digests: FuzzTarget = {
  name: 'digests',
  seeds: () => {
    const digest = createHash('sha256').update(new Uint8Array(3074)).digest('hex');
    return [
      `${digest}  test.bin\n# more\n`,
      `${digest} *./test.bin`,
      `${'0'.repeat(64)}  test.bin\n`,
    ].map((lines) => text.encode(lines));
  },
  run: async (input) => {
    const path = put('digests', { 'test.bin': new Uint8Array(3074), SHA256SUMS: input });
    const { labels } = await loadCifar(path, { version: 'cifar100', split: 'test' });
    return String(labels.length);
  },
};

/** STL-10: labels beside one picture. */
export const stl10: FuzzTarget = {
  name: 'stl10',
  quick: 40,
  seeds: () => [Uint8Array.of(1), Uint8Array.of(10), Uint8Array.of(0, 1)],
  run: async (input) => {
    const path = put('stl10', { 'test_X.bin': new Uint8Array(3 * 96 * 96), 'test_y.bin': input });
    const { labels } = await loadStl10(path, { split: 'test', fit: 'crop' });
    return String(labels.length);
  },
};
