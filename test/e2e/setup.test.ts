import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { compileCircuit } from '../../scripts/compile-circuit.js';
import { findInstance, publicInputs } from '../../src/proof/circuits/index.js';
import { fails, newFolder, succeeds } from './veilmark.js';

const commands = ['dev', 'ceremony', ...['init', 'contribute', 'beacon', 'verify', 'finish']];
const hash = 'ab'.repeat(64);

describe('veilmark setup', function () {
  this.timeout(60_000);
  let folder: string;

  before(async function () {
    this.timeout(180_000);
    folder = newFolder();
    const { name, parameters } = findInstance('opening-tiny');
    await compileCircuit({
      ...{ name, parameters },
      ...{ file: 'opening.circom', template: 'Opening', publics: publicInputs.opening },
    });
  });

  it('makes development keys once, and says that they are no evidence', async () => {
    const keys = join(folder, 'keys');
    const words = ['setup', 'dev', 'opening-tiny', '--keys', keys, '--workers', '2'];
    const first = await succeeds(words);
    expect(first.stdout).to.match(/^opening-tiny [0-9a-f]{64}\n$/);
    expect(first.stderr).to.match(/no evidence/);
    const names = ['key', 'zkey', 'zkey.sha512'].map((kind) => `opening-tiny.${kind}`);
    expect(readdirSync(keys).sort()).to.deep.equal(names);

    const again = await succeeds(words);
    expect(again.stdout).to.equal(first.stdout);
    expect(again.stderr).to.match(/there already/);

    const damaged = join(keys, 'opening-tiny.zkey');
    writeFileSync(damaged, readFileSync(damaged).subarray(0, 1000));
    expect((await succeeds(words)).stdout).to.equal(first.stdout);
    expect(readFileSync(damaged).length).to.be.above(1000);

    const seeded = await succeeds([...words, '--seed', 'another']);
    expect(seeded.stdout).not.to.equal(first.stdout);
  });

  it('never replaces a key of a ceremony by a development key', async () => {
    const keys = join(folder, 'keys');
    const path = join(keys, 'opening-tiny.key');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"dev"', '"ceremony"'));
    const before = readFileSync(path);
    const words = ['setup', 'dev', 'opening-tiny', '--keys', keys];
    await fails({ code: 'key.ceremony', exit: 2, says: /--keys/ }, words);
    expect(readFileSync(path)).to.deep.equal(before);
  });

  it('says what is wrong with what was typed, and leaves nothing behind', async () => {
    const foreign = join(folder, 'foreign.ptau');
    writeFileSync(foreign, 'no powers of tau\n'.repeat(99));
    const file = join(folder, 'new.zkey');
    const source = ['--circuit', 'opening-tiny', '--ptau', foreign];
    const hashed = [...source, '--ptau-sha512', hash];
    const nowhere = hashed.map((word) => (word === foreign ? '/nowhere/p' : word));
    const ceremony = (...words: string[]): string[] => ['setup', 'ceremony', ...words];
    const mistakes: [code: string, words: string[], says: RegExp, exit?: number][] = [
      ['usage.arguments', ['setup'], /dev or ceremony/],
      ['usage.arguments', ceremony(), /finish/],
      ['usage.arguments', ceremony('init', file, '--circuit', 'fold-16'), /ptau/],
      ['circuit.unknown', ['setup', 'dev', 'opening'], /opening-tiny/],
      ['circuit.unknown', ceremony('init', file, '--circuit', 'x', ...hashed.slice(2)), /"x"/],
      ['ptau.unnamed', ceremony('init', file, ...source), /iden3\/snarkjs/],
      ['usage.hash', ceremony('init', file, ...source, '--ptau-sha512', 'abc'), /128/],
      ['ptau.format', ceremony('init', file, ...hashed), /not a powers-of-tau file/],
      ['file.missing', ceremony('init', file, ...nowhere), /nowhere/],
      ['file.missing', ceremony('verify', '/nowhere/z', ...hashed), /nowhere/],
      ['usage.hash', ceremony('verify', foreign, ...hashed, '--expect', 'me'), /--expect/],
      ['key.damaged', ceremony('verify', foreign, ...hashed), /not a zkey/, 3],
      ['key.damaged', ceremony('beacon', foreign, file, '--value', 'ab'), /not a zkey/, 3],
      ['ceremony.beacon-value', ceremony('beacon', foreign, file, '--value', 'xyz'), /hexadecimal/],
      [
        'ceremony.name',
        ceremony('contribute', foreign, file, '--name', 'a\nb', ...hashed),
        /printable/,
      ],
      ['key.damaged', ceremony('finish', foreign, '--keys', folder, ...hashed), /not a zkey/, 3],
      ['file.exists', ceremony('init', foreign, ...hashed), /exists/],
    ];
    const there = readdirSync(folder);
    for (const [code, words, says, exit = 2] of mistakes) {
      await fails({ code, exit, says }, words);
    }
    expect(readdirSync(folder)).to.deep.equal(there);
    expect(existsSync(file)).to.equal(false);
  });

  it('shows an example in the help of every step', async () => {
    for (const command of commands) {
      const words = ['setup', ...(command === 'dev' ? [] : ['ceremony']), command];
      const { stdout } = await succeeds([...new Set(words), '--help']);
      expect(stdout, command).to.match(/Example.*\n +veilmark setup/);
      const longest = Math.max(...stdout.split('\n').map((line) => line.length));
      expect(longest, command).to.be.at.most(120);
    }
  });
});
