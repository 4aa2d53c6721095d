import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { canonicalBytes } from '../../../src/base/index.js';
import { modelFolders } from '../../../src/cli/null-folder.js';
import { readSettings, sessionFiles } from '../../../src/cli/session.js';
import { readClassNames } from '../../../src/cli/suspect-task.js';
import { makeMarkSource } from '../../../src/cli/trigger-source.js';
import { joinLabels } from '../../../src/triggers/index.js';
import { type FuzzTarget, readable, text } from '../target.js';
import { temporaryPath } from '../temporary.js';

/** A file of this name in a folder of its own, and the folder. */
function placed(name: string, bytes: Uint8Array): { path: string; folder: string } {
  const path = temporaryPath(`${name}-folder/${name}`);
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, bytes);
  return { path, folder };
}

/** Small files that a user names: the first byte picks the reader. */
const readers: readonly ((bytes: Uint8Array) => Promise<number>)[] = [
  async (bytes) => (await readClassNames(placed('names.txt', bytes).path)).length,
  async (bytes) => {
    const { natural } = await makeMarkSource({
      shape: { height: 1, width: 1, channels: 1 },
      ...{ classes: 4, count: 3, labelMode: 'derived', seed: 'fuzz' },
      naturalFile: placed('natural.txt', bytes).path,
    });
    if (!natural.every((one) => Number.isSafeInteger(one) && one >= 0 && one <= 4)) {
      throw new Error(`natural classes ${natural.join()}`);
    }
    return natural.length;
  },
  (bytes) => {
    const names = ['1.png', '2.png', '3.png'];
    const { labels } = joinLabels({ text: readable.decode(bytes), names, classes: 4, what: 'it' });
    return Promise.resolve(labels.length);
  },
  async (bytes) => (await modelFolders([placed('nulls.json', bytes).folder])).length,
  async (bytes) => (await readSettings(placed(sessionFiles.settings, bytes).folder)).words.length,
];

const nulls = {
  kind: 'veilmark/null-models',
  version: 1,
  data: '1'.repeat(64),
  models: [{ folder: 'null-001', model: '2'.repeat(64), testPpm: 900_000 }],
};
const settings = { folder: '/', role: 'owner', transcript: '', words: ['--claim', 'claim'] };

export const textFile: FuzzTarget = {
  name: 'text-file',
  seeds: () => [
    ...['0cat\ndog\n', '0cat\r\ndog', '1none\n1\n3\n', '21\n2\n3\n', '21.0e+0\n0\n3'].map((words) =>
      text.encode(words),
    ),
    Uint8Array.of(0x33, ...canonicalBytes(nulls)),
    Uint8Array.of(0x34, ...canonicalBytes(settings)),
  ],
  run: async (input) => {
    const at = ((input[0] ?? 0) - 0x30 + readers.length * 10) % readers.length;
    return `${at} ${Math.min(3, (await readers[at]?.(input.slice(1))) ?? 0)}`;
  },
};
