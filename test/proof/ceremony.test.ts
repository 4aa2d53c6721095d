import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type CompiledCircuit, findInstance, openCircuit } from '../../src/proof/circuits/index.js';
import {
  applyBeacon,
  beginCeremony,
  checkCeremony,
  checkComplete,
  contribute,
  finishCeremony,
  openProvingKey,
  openZkey,
  type PtauSource,
  setupDev,
} from '../../src/proof/keys/index.js';
import { WorkerPool } from '../../src/proof/workers/index.js';
import { coded } from '../coded.js';
import { labelCircuit, newFolder, powers, proveAndVerify, ptauSource } from './ceremony-fixture.js';

const beacon = { value: '0b1e55ed', iterationsLog2: 10 } as const;

describe('the ceremony of a proving key', function () {
  this.timeout(60_000);
  let folder: string;
  let circuit: CompiledCircuit;
  let other: CompiledCircuit;
  let ptau: PtauSource;
  let unprepared: PtauSource;
  let small: PtauSource;
  let hashes: string[];
  const at = (name: string): string => join(folder, name);

  before(async () => {
    folder = newFolder();
    [circuit, other] = [await labelCircuit(4), await labelCircuit(3)];
    ({ ptau, unprepared } = await powers(folder, 5));
    ({ ptau: small } = await powers(folder, 4));
    const source = { circuit, ptau };
    await beginCeremony({ ...source, file: at('0.zkey') });
    const step = (before: string, after: string, name: string): Promise<string> =>
      contribute({ ...source, before: at(before), after: at(after), name });
    hashes = [
      await step('0.zkey', '1.zkey', 'Ada, owner'),
      await step('1.zkey', '2.zkey', 'Élise'),
      await applyBeacon({ before: at('2.zkey'), after: at('3.zkey'), ...beacon }),
    ];
  });

  it('is checked by a stranger, who sees each contribution', async () => {
    const { contributions } = await checkCeremony({ circuit, ptau, file: at('3.zkey') });
    checkComplete('3.zkey', contributions, hashes.slice(0, 2));
    expect(contributions).to.deep.equal([
      { name: 'Ada, owner', hash: hashes[0] },
      { name: 'Élise', hash: hashes[1] },
      { name: 'beacon', hash: hashes[2], beacon },
    ]);
    expect(new Set(hashes)).to.have.lengthOf(3);
  });

  it('ends in keys with which snarkjs proves and our verifier accepts', async () => {
    const keys = at('keys');
    const source = { circuit, ptau, file: at('3.zkey') };
    const { key } = await finishCeremony({ ...source, folder: keys, expected: hashes });
    const opened = await openProvingKey(keys, circuit);
    expect(opened.verificationKey.stamp).to.equal('ceremony');
    expect(opened.verificationKey.digest).to.deep.equal(key.digest);
    await proveAndVerify(circuit, { zkey: opened.zkey, key });
    const record = JSON.parse(
      readFileSync(join(keys, `${circuit.instance.name}.ceremony.json`), 'utf8'),
    ) as Record<string, unknown>;
    expect(record).to.include({ circuit: circuit.instance.name, ptau: ptau.sha512 });
    expect(record['contributions']).to.have.lengthOf(3);
    const digest = readFileSync(join(keys, `${circuit.instance.name}.zkey.sha512`), 'utf8');
    expect(digest.split(' ')[0]).to.equal(record['zkey']);
    await coded('file.exists', () => finishCeremony({ ...source, folder: keys, expected: [] }));
  });

  it('is the same for every other contributor, and takes no two alike', async () => {
    const again = { circuit, ptau, before: at('0.zkey'), name: 'Ada, owner' };
    const hash = await contribute({ ...again, after: at('other-1.zkey') });
    expect(hash).not.to.equal(hashes[0]);
    await coded('file.exists', () => contribute({ ...again, after: at('1.zkey') }));
  });

  it('takes a published BLAKE2b hash as well', async () => {
    const blake2b = createHash('blake2b512').update(readFileSync(ptau.path)).digest('hex');
    const source = { circuit, file: at('3.zkey') };
    await checkCeremony({ ...source, ptau: { path: ptau.path, blake2b } });
    const wrong = { ...ptau, blake2b: blake2b.replace(/^./, (x) => (x === '0' ? '1' : '0')) };
    await coded('ptau.hash', () => checkCeremony({ ...source, ptau: wrong }));
  });

  describe('refuses', () => {
    let kept: string[];
    before(() => {
      kept = readdirSync(folder);
      const half = (from: string, to: string): void => {
        copyFileSync(from, at(to));
        truncateSync(at(to), Math.floor(readFileSync(from).length / 2));
      };
      half(ptau.path, 'half.ptau');
      half(at('3.zkey'), 'half.zkey');
      writeFileSync(at('foreign'), 'not what is asked for\n'.repeat(100));
      writeFileSync(at('empty'), '');
      kept = readdirSync(folder);
    });
    // Nothing half-written, nothing left behind.
    afterEach(() => {
      expect(readdirSync(folder)).to.deep.equal(kept);
    });

    const files: [code: string, what: string, source: () => PtauSource][] = [
      ['file.missing', 'absent', () => ({ ...ptau, path: at('nowhere.ptau') })],
      ['ptau.format', 'truncated', () => ptauSource(at('half.ptau'))],
      ['ptau.format', 'foreign', () => ptauSource(at('foreign'))],
      ['ptau.format', 'empty', () => ptauSource(at('empty'))],
      ['ptau.format', 'a folder', () => ({ ...ptau, path: folder })],
      ['ptau.format', 'a zkey', () => ptauSource(at('3.zkey'))],
      ['ptau.hash', 'of another hash', () => ({ ...ptau, sha512: small.sha512 })],
      ['ptau.hash', 'of no hash', () => ({ path: ptau.path })],
      ['ptau.size', 'too small', () => small],
      ['ptau.unprepared', 'not prepared', () => unprepared],
    ];
    for (const [code, what, source] of files) {
      it(`powers of tau that are ${what}: ${code}`, async () => {
        const options = { circuit, ptau: source() };
        const error = await coded(code, () => beginCeremony({ ...options, file: at('new.zkey') }));
        expect(error.hint).to.be.a('string');
        const verify = { ...options, file: at('3.zkey') };
        await coded(code, () => checkCeremony(verify));
        await coded(code, () => finishCeremony({ ...verify, folder, expected: [] }));
      });
    }

    it('a zkey that is truncated, foreign, empty or absent', async () => {
      for (const file of ['half.zkey', 'foreign', 'empty']) {
        const path = at(file);
        const error = await coded('key.damaged', () =>
          checkCeremony({ circuit, ptau, file: path }),
        );
        expect(error.hint).to.be.a('string');
        const step = { before: path, after: at('new.zkey') };
        await coded('key.damaged', () => contribute({ circuit, ptau, ...step, name: 'Ada' }));
        await coded('key.damaged', () => applyBeacon({ ...step, ...beacon }));
      }
      const file = at('nowhere.zkey');
      await coded('file.missing', () => checkCeremony({ circuit, ptau, file }));
    });

    it('a zkey of another circuit, or of other powers of tau', async () => {
      const file = at('3.zkey');
      await coded('key.circuit', () => checkCeremony({ circuit: other, ptau, file }));
      const { ptau: others } = await powers(newFolder(), 5);
      const source = { circuit, ptau: others, file };
      await coded('key.circuit', () => checkCeremony(source));
      await coded('key.circuit', () => finishCeremony({ ...source, folder, expected: [] }));
    });

    it('a key to which nobody has contributed', async () => {
      const source = { circuit, ptau, file: at('0.zkey') };
      const { contributions } = await checkCeremony(source);
      await coded('key.degenerate', () => {
        checkComplete('0.zkey', contributions, []);
      });
      await coded('key.degenerate', () => finishCeremony({ ...source, folder, expected: [] }));
      const step = { before: at('0.zkey'), after: at('new.zkey') };
      await coded('key.degenerate', () => applyBeacon({ ...step, ...beacon }));
    });

    it('a key without an expected contribution', async () => {
      const expected = [hashes[0]!, hashes[2]!];
      const source = { circuit, ptau, file: at('2.zkey'), folder };
      const error = await coded('ceremony.expected', () => finishCeremony({ ...source, expected }));
      expect(error.message).to.include(hashes[2]);
    });

    it('what comes after a beacon', async () => {
      const step = { before: at('3.zkey'), after: at('new.zkey') };
      await coded('ceremony.beacon', () => contribute({ circuit, ptau, ...step, name: 'Ada' }));
      await coded('ceremony.beacon', () => applyBeacon({ ...step, ...beacon }));
    });

    it('names and beacons that would be written otherwise than meant', async () => {
      const step = { before: at('2.zkey'), after: at('new.zkey') };
      for (const name of ['', 'x'.repeat(65), 'a\nb', 'a\u202eb']) {
        await coded('ceremony.name', () => contribute({ circuit, ptau, ...step, name }));
      }
      const beacons = [
        { value: '', iterationsLog2: 10 },
        { value: 'abc', iterationsLog2: 10 },
        { value: '0x00', iterationsLog2: 10 },
        { value: 'ab'.repeat(256), iterationsLog2: 10 },
        ...[9, 25, 10.5].map((iterationsLog2) => ({ value: 'ab', iterationsLog2 })),
      ];
      for (const wrong of beacons) {
        await coded('ceremony.beacon-value', () => applyBeacon({ ...step, ...wrong }));
      }
    });

    it('a circuit that has not been compiled', async () => {
      const instance = { ...findInstance('fold-tiny'), name: 'fold-of-nobody' };
      await coded('circuit.missing', () => openCircuit(instance));
    });
  });

  it('reads its own files back', async () => {
    expect((await openZkey(at('3.zkey'))).domain).to.equal(32);
    expect(existsSync(at('3.zkey'))).to.equal(true);
  });
});

describe('development keys', function () {
  this.timeout(60_000);

  it('are the same bytes from the same seed, and prove', async () => {
    const circuit = await labelCircuit(4);
    const { name } = circuit.instance;
    const pool = new WorkerPool({ workers: 1 });
    const make = async (seed: string): Promise<string> => {
      const folder = newFolder();
      await setupDev({ circuit, folder, pool, seed });
      return folder;
    };
    try {
      const [first, second, third] = [await make('a'), await make('a'), await make('b')];
      const read = (folder: string, kind: string): Buffer =>
        readFileSync(join(folder, `${name}.${kind}`));
      for (const kind of ['zkey', 'key', 'zkey.sha512']) {
        expect(read(first, kind).equals(read(second, kind)), kind).to.equal(true);
        expect(read(first, kind).equals(read(third, kind)), kind).to.equal(false);
      }
      const { zkey, verificationKey } = await openProvingKey(first, circuit);
      expect(verificationKey.stamp).to.equal('dev');
      await proveAndVerify(circuit, { zkey, key: verificationKey });
    } finally {
      await pool.close();
    }
  });
});
