import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { bytesToHex, VeilmarkError } from '../../src/base/index.js';
import { decodeLedger, encodeLedger, FileLedger, isLedger } from '../../src/prover/index.js';
import { coded } from '../coded.js';
import { canonical, taggedHash } from '../twin/bytes.js';
import { spending } from './spending.js';

const commitment = new Uint8Array(32).fill(5);
const run = promisify(execFile);

/** Spends in a process of its own, and says what it printed. */
async function spendElsewhere(path: string, batch: number, session: number): Promise<string> {
  const script = join(import.meta.dirname, 'spend.ts');
  const args = ['--import', 'tsx', script, path, bytesToHex(commitment), `${batch}`, `${session}`];
  return (await run(process.execPath, args)).stdout;
}

/** The number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const { stdout } = await run(process.execPath, ['-p', 'process.pid']);
  return Number(stdout);
}

describe('the ledger on disk', () => {
  let folder: string;
  let path: string;
  let ledger: FileLedger;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-ledger-'));
    path = join(folder, 'mark.ledger');
    ledger = new FileLedger(path, commitment);
    await writeFile(path, encodeLedger(commitment, []));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const batches = async (): Promise<number[]> => (await ledger.spent()).map(({ batch }) => batch);

  it('keeps what was spent, ascending, for its owner’s eyes only', async () => {
    await ledger.spend(spending(2, 1));
    await ledger.spend(spending(0, 2));
    expect(await batches()).to.deep.equal([0, 2]);
    const { challenge, ...shown } = spending(0, 2);
    expect((await ledger.spent())[0]).to.deep.equal(shown);
    expect(challenge).to.be.a('string');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect(await readdir(folder)).to.deep.equal(['mark.ledger']);
  });

  it('takes the same spending twice, but no second challenge and no second session', async () => {
    await ledger.spend(spending(1, 1));
    await ledger.spend(spending(1, 1));
    await coded('ledger.second-challenge', () => ledger.spend(spending(1, 1, 9)));
    await coded('ledger.second-challenge', () => ledger.spend(spending(2, 1, 9)));
    await coded('ledger.spent', () => ledger.spend(spending(1, 2)));
    expect(await batches()).to.deep.equal([1]);
  });

  it('loses nothing when many spend at once', async () => {
    const instances = Array.from({ length: 8 }, () => new FileLedger(path, commitment));
    await Promise.all(instances.map((each, i) => each.spend(spending(i, i))));
    expect(await batches()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('lets one of two processes have a batch', async () => {
    const results = await Promise.all([
      spendElsewhere(path, 0, 1),
      spendElsewhere(path, 0, 2),
      ledger.spend(spending(1, 3)),
    ]);
    expect(results.slice(0, 2).sort()).to.deep.equal(['ledger.spent', 'spent']);
    expect(await batches()).to.deep.equal([0, 1]);
  });

  it('takes over a lock whose process is gone, even when many see it at once', async () => {
    await writeFile(`${path}.lock`, String(await deadProcess()));
    const instances = Array.from({ length: 8 }, () => new FileLedger(path, commitment));
    await Promise.all(instances.map((each, i) => each.spend(spending(i, i))));
    expect(await batches()).to.have.length(8);
    expect(await readdir(folder)).to.deep.equal(['mark.ledger']);
  });

  it('waits for a lock whose process lives', async () => {
    await writeFile(`${path}.lock`, String(process.ppid));
    const waiting = ledger.spend(spending(0, 1));
    setTimeout(() => void rm(`${path}.lock`), 150);
    await waiting;
    expect(await batches()).to.deep.equal([0]);
  });

  it('is refused when missing: an empty one would open batches twice', async () => {
    await rm(path);
    await coded('file.missing', () => ledger.spent());
    await coded('file.missing', () => ledger.spend(spending(0, 1)));
  });

  it('is refused when it belongs to another commitment', async () => {
    await writeFile(path, encodeLedger(new Uint8Array(32), []));
    await coded('ledger.commitment', () => ledger.spent());
    await coded('ledger.commitment', () => ledger.spend(spending(0, 1)));
  });

  it('is refused with any byte changed or missing, and then not written over', async () => {
    await ledger.spend(spending(0, 1));
    const file = new Uint8Array(await readFile(path));
    for (let at = 0; at < file.length; at++) {
      const damaged = file.map((byte, i) => (i === at ? byte ^ 1 : byte));
      await coded('ledger.format', () => decodeLedger(damaged));
      await coded('ledger.format', () => decodeLedger(file.subarray(0, at)));
    }
    await writeFile(path, file.subarray(0, -1));
    await coded('ledger.format', () => ledger.spend(spending(1, 2)));
    expect(new Uint8Array(await readFile(path))).to.deep.equal(file.subarray(0, -1));
  });
});

describe('the bytes of a ledger', () => {
  it('are those of the specification', () => {
    const list = [spending(0, 1), spending(2, 3)];
    const body = canonical({ commitment: bytesToHex(commitment), spendings: list });
    const digest = taggedHash('veilmark/ledger-digest/1', [body]).toString('hex');
    const file = encodeLedger(commitment, list);
    expect(Buffer.from(file).toString()).to.equal(`veilmark/ledger/1\n${body}\n${digest}\n`);
    expect(isLedger(file)).to.equal(true);
    expect(decodeLedger(file).spendings).to.deep.equal(list);
  });

  it('are refused when their digest fits and their content does not', async () => {
    for (const body of ['{}', '[', '{"commitment":"","spendings":[]}', '['.repeat(9999)]) {
      const digest = taggedHash('veilmark/ledger-digest/1', [body]).toString('hex');
      const file = new Uint8Array(Buffer.from(`veilmark/ledger/1\n${body}\n${digest}\n`));
      const error = await coded('ledger.format', () => decodeLedger(file));
      expect(error).to.be.instanceOf(VeilmarkError);
    }
  });
});
