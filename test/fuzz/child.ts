/**
 * One fuzzing process: `child.ts TARGET SEED SECONDS CURRENT`. Writes each input to the file CURRENT before it runs it, so that the
 * parent knows what killed it, and tells the parent by messages what it found.
 */
import { openSync, writeSync } from 'node:fs';

import { concatBytes } from '../../src/base/index.js';
import { SeededStream } from '../../src/crypto/index.js';
import { readCorpus } from './corpus.js';
import { mutate } from './mutate.js';
import { outcomeOf } from './outcome.js';
import { targets } from './targets/index.js';

/** What a child says of its work. */
export type Report =
  | { readonly kind: 'new'; readonly input: string; readonly signature: string }
  | { readonly kind: 'defect'; readonly input: string; readonly defect: string }
  | { readonly kind: 'progress'; readonly runs: number; readonly done: boolean };

const [name = '', seed = '', seconds = '', current = ''] = process.argv.slice(2);
const target = targets.find((one) => one.name === name);
if (!target) throw new Error(`no target ${name}`);
const file = openSync(current, 'w');
const known = new Set<string>();
const inputs: Uint8Array[] = [];
let runs = 0;

function tell(report: Report): void {
  process.send?.(report);
}

/** Runs an input; keeps it to change it further where it took a new way. */
async function take(input: Uint8Array, isNew: boolean): Promise<void> {
  if (!target) return;
  const length = Uint8Array.from({ length: 4 }, (_, i) => (input.length >> (8 * i)) & 255);
  writeSync(file, concatBytes(length, input), 0, undefined, 0);
  const { defect, signature } = await outcomeOf(target, input);
  runs++;
  const encoded = Buffer.from(input).toString('base64');
  if (defect !== undefined) tell({ kind: 'defect', input: encoded, defect });
  // Every seed is a start: some take the same way, but with a digest or without.
  const isKnown = known.has(signature);
  known.add(signature);
  if (!isNew || !isKnown) inputs.push(input);
  if (!isNew || isKnown) return;
  const small = await smaller(input, signature);
  tell({ kind: 'new', input: Buffer.from(small).toString('base64'), signature });
}

/** An input that takes the same way with some of its bytes left out. */
async function smaller(input: Uint8Array, signature: string): Promise<Uint8Array> {
  let bytes = input;
  if (!target || target.quick !== undefined) return bytes;
  for (let part = bytes.length >> 1; part >= 1 && part > bytes.length / 64; part >>= 1) {
    for (let start = 0; start < bytes.length; start += part) {
      const tried = concatBytes(bytes.slice(0, start), bytes.slice(start + part));
      if ((await outcomeOf(target, tried)).signature === signature) bytes = tried;
    }
  }
  return bytes;
}

const deadline = performance.now() + 1000 * Number(seconds);
// Warms up what is loaded at the first use, so that no input is blamed for it.
const seeds = await target.seeds();
for (const input of seeds) await outcomeOf(target, input);
for (const input of [...seeds, ...readCorpus(name).map(({ bytes }) => bytes)]) {
  await take(input, false);
}
const stream = new SeededStream('test/fuzz', [name, seed]);
for (let told = performance.now(); performance.now() < deadline;) {
  const parent = inputs[stream.below(Math.max(1, inputs.length))] ?? new Uint8Array();
  await take(mutate(parent, stream, inputs), true);
  if (performance.now() - told > 500) {
    told = performance.now();
    tell({ kind: 'progress', runs, done: false });
    // Lets messages out, and timers of what was run.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
process.send?.({ kind: 'progress', runs, done: true } satisfies Report, () => {
  process.exit();
});
