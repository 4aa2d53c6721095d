import { expect } from 'chai';
import fc from 'fast-check';

import { SeededStream } from '../../src/crypto/index.js';
import { addToCorpus, corpusLimits, readCorpus } from './corpus.js';
import { mutate } from './mutate.js';
import { outcomeOf } from './outcome.js';
import type { FuzzTarget } from './target.js';
import { targets } from './targets/index.js';

/** Random inputs of a target, unless it says otherwise. */
const quick = 120;

async function expectSound(target: FuzzTarget, input: Uint8Array): Promise<void> {
  const { defect } = await outcomeOf(target, input);
  expect(defect, Buffer.from(input).toString('base64').slice(0, 2000)).to.equal(undefined);
}

/** Sound inputs with some changes, other bytes, and other JSON. */
function inputs(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .record({ seed: fc.nat(seeds.length - 1), changes: fc.nat() })
    .map(({ seed, changes }) =>
      mutate(seeds[seed]!, new SeededStream('test/fuzz-quick', [changes]), seeds),
    );
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
    { weight: 1, arbitrary: fc.json().map((text) => new TextEncoder().encode(text)) },
  );
}

describe('hostile input', () => {
  for (const target of targets) {
    it(`is refused with a code, or read as it stands: ${target.name}`, async () => {
      const seeds = await target.seeds();
      // What is loaded at the first use is no fault of an input.
      for (const seed of seeds) await outcomeOf(target, seed);
      const kept = readCorpus(target.name).map(({ bytes }) => bytes);
      for (const input of [...seeds, ...kept]) await expectSound(target, input);
      await fc.assert(
        fc.asyncProperty(inputs([...seeds, ...kept]), (input) => expectSound(target, input)),
        { numRuns: target.quick ?? quick },
      );
    });
  }

  it('has a corpus that stays small', () => {
    const all = targets.flatMap(({ name }) => readCorpus(name));
    expect(all.reduce((sum, { bytes }) => sum + bytes.length, 0)).to.be.below(2 ** 20);
    expect(addToCorpus('json', new Uint8Array(corpusLimits.bytes + 1))).to.equal(false);
  });
});

describe('fuzzing', () => {
  const watched = (run: FuzzTarget['run']) =>
    outcomeOf({ name: 'made up', seeds: () => [], run }, new Uint8Array(3));

  it('takes a refusal with a code for sound, and everything else for a defect', async () => {
    const refused = await watched(() => Promise.reject(new TypeError('of undefined')));
    expect(refused.defect).to.include('of undefined');
    expect((await watched(() => 'read')).defect).to.equal(undefined);
  });

  it('notices an input that takes more than a second, or too much memory', async () => {
    const slow = await watched(() => {
      const start = process.cpuUsage();
      for (let spent = 0; spent < 1.1e6;) {
        const { user, system } = process.cpuUsage(start);
        spent = user + system;
      }
      return '';
    });
    expect(slow.defect).to.match(/^it took 1\.\d s/);
    const large = await watched(() => String(new Uint8Array(2 ** 29).fill(1).length));
    expect(large.defect).to.match(/^the process grew by \d+ MB/);
  });

  it('changes every seed, and always the same way', () => {
    const seed = new TextEncoder().encode('{"a":[1,2,3],"b":"text"}');
    const made = Array.from({ length: 200 }, (_, i) =>
      Buffer.from(mutate(seed, new SeededStream('test/fuzz-quick', [i]))).toString('latin1'),
    );
    const again = mutate(seed, new SeededStream('test/fuzz-quick', [7]));
    expect(Buffer.from(again).toString('latin1')).to.equal(made[7]);
    expect(new Set(made).size).to.be.above(150);
    expect(made.filter((text) => text.startsWith('{"')).length).to.be.above(50);
  });
});
