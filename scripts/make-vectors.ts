/**
 * Writes test/vectors/ from the twin in test/twin/, never from the product's own code. Run it after a change of
 * docs/spec/ and read the difference: what was valid before must stay so within one suite.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { topics } from '../test/twin/vectors/topics.js';

const folder = resolve(import.meta.dirname, '..', 'test', 'vectors');
const style = await resolveConfig(import.meta.filename);
await mkdir(folder, { recursive: true });
for (const [name, make] of Object.entries(topics)) {
  const text = await format(JSON.stringify(make(), undefined, 2), { ...style, parser: 'json' });
  await writeFile(join(folder, `${name}.json`), text);
  process.stdout.write(`${name}.json: ${text.length} bytes\n`);
}
