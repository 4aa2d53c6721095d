import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { findInstance, openCircuit } from '../../src/proof/circuits/index.js';
import { decodeProof, verifyProofs } from '../../src/proof/index.js';
import { keyPaths, openProvingKey, type ProvingKey } from '../../src/proof/keys/index.js';
import { proveAll, proveStubbornly } from '../../src/proof/proving/index.js';
import { WorkerPool } from '../../src/proof/workers/index.js';
import { coded } from '../coded.js';
import { tinyKey, tinyOpening } from './tiny-opening.js';

/** The pool's processes that still run; the tests' own compiler is a child of this process too. */
function children(): number[] {
  const path = `/proc/${process.pid}/task/${process.pid}/children`;
  return readFileSync(path, 'utf8')
    .split(' ')
    .filter(Boolean)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker.ts'))
    .map(Number);
}

describe('proving on a pool of processes', function () {
  this.timeout(120_000);
  let folder: string;
  let key: ProvingKey;
  let pool: WorkerPool;

  before(async () => {
    ({ folder, key } = await tinyKey('opening-tiny'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    pool = new WorkerPool({ workers: 2 });
  });
  afterEach(async () => {
    await pool.close();
  });

  it('gives proofs that verify, in order, and says how far it is', async () => {
    const statements = Array.from({ length: 5 }, (_, i) => tinyOpening(i));
    const seen: number[] = [];
    const proved = await proveAll(statements, { pool, key, onProgress: (done) => seen.push(done) });
    expect(seen).to.deep.equal([1, 2, 3, 4, 5]);
    expect(proved.map(({ publics }) => publics[3])).to.deep.equal([0n, 1n, 2n, 3n, 4n]);
    verifyProofs({
      key: key.verificationKey,
      statements: proved.map(({ proof, publics }) => ({
        proof: decodeProof(proof),
        inputs: publics,
      })),
    });
  });

  it('says that a false statement has no proof, and keeps those that are done', async () => {
    const wrong = { ...tinyOpening(1), labelCommitment: 1n };
    const kept: number[] = [];
    const single = new WorkerPool({ workers: 1 });
    const onProof = (_: unknown, place: number): number => kept.push(place);
    await coded('circuit.unsatisfied', () =>
      proveAll([tinyOpening(0), wrong], { pool: single, key, onProof }),
    );
    await single.close();
    expect(kept).to.deep.equal([0]);
  });

  it('refuses inputs of another circuit', async () => {
    const { pixels, ...rest } = tinyOpening(0);
    const one = async (inputs: object): Promise<unknown> =>
      proveAll([inputs as never], { pool, key });
    await coded('circuit.inputs', () => one(rest));
    await coded('circuit.inputs', () => one({ ...rest, pixels, more: 1n }));
    await coded('circuit.inputs', () => one({ ...rest, pixels: [1n, 2n] }));
    await coded('circuit.inputs', () => one({ ...rest, pixels: [1n, 2n, 3n, 2n ** 254n] }));
  });

  it('stops when it is cancelled, with the reason, and leaves no process', async () => {
    const stop = new AbortController();
    const statements = Array.from({ length: 20 }, (_, i) => tinyOpening(i));
    const reason = new Error('enough');
    const run = proveAll(statements, {
      pool,
      key,
      signal: stop.signal,
      onProgress: () => {
        stop.abort(reason);
      },
    });
    expect(await run.catch((error: unknown) => error)).to.equal(reason);
    await pool.close();
    expect(children()).to.deep.equal([]);
  });

  it('says so when a process dies, and goes on with new ones', async () => {
    const statements = Array.from({ length: 6 }, (_, i) => tinyOpening(i));
    const kept: number[] = [];
    await coded('proof.worker', () =>
      proveAll(statements, {
        pool,
        key,
        onProof: (_, place) => {
          kept.push(place);
          for (const pid of children()) process.kill(pid, 'SIGKILL');
        },
      }),
    );
    expect(kept).not.to.be.empty;
    expect(await proveAll([tinyOpening(7)], { pool, key })).to.have.length(1);
  });

  it('loses nothing but time when a process dies once, where it matters', async () => {
    const statements = Array.from({ length: 6 }, (_, i) => tinyOpening(i));
    const progress: number[] = [];
    let isKilled = false;
    const proved = await proveStubbornly(statements, {
      pool,
      key,
      onProgress: (done) => {
        progress.push(done);
        if (!isKilled) for (const pid of children()) process.kill(pid, 'SIGKILL');
        isKilled = true;
      },
    });
    expect(proved.map(({ publics }) => publics[3])).to.deep.equal([0n, 1n, 2n, 3n, 4n, 5n]);
    expect(progress).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('says so when a process runs out of memory', async () => {
    const small = new WorkerPool({ workers: 1, memory: 8 });
    await coded('proof.worker', () => proveAll([tinyOpening(0)], { pool: small, key }));
    await small.close();
  });
});

describe('proving keys and circuits that are not what they should be', function () {
  this.timeout(60_000);
  let folder: string;
  let key: ProvingKey;

  beforeEach(async () => {
    ({ folder, key } = await tinyKey('fold-tiny'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are refused when missing, truncated, changed, or of another circuit', async () => {
    const { circuit } = key;
    const paths = keyPaths(folder, 'fold-tiny');
    const open = async (): Promise<unknown> => openProvingKey(folder, circuit);
    const changed = { ...circuit, digest: new Uint8Array(64) };
    await coded('key.circuit', () => openProvingKey(folder, changed));
    const other = { ...circuit, instance: findInstance('opening-tiny') };
    await coded('file.missing', () => openProvingKey(folder, other));
    const bytes = readFileSync(paths.zkey);
    truncateSync(paths.zkey, bytes.length - 1);
    await coded('key.damaged', open);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(paths.zkey, bytes);
    await coded('key.damaged', open);
    rmSync(paths.zkey);
    await coded('key.damaged', open);
    rmSync(paths.key);
    await coded('file.missing', open);
  });

  it('a circuit that was never compiled is named, with what to type', async () => {
    const instance = { ...findInstance('fold-16'), name: 'fold-99' };
    const error = await coded('circuit.missing', () => openCircuit(instance));
    expect(error.hint).to.match(/npm run circuits -- fold-99/);
    await coded('circuit.unknown', () => findInstance('fold-99'));
  });

  it('a compiled circuit that is not the pinned one is refused', async () => {
    const { circuit } = key;
    const bytes = readFileSync(circuit.r1cs);
    try {
      writeFileSync(circuit.r1cs, Buffer.concat([bytes, Buffer.of(0)]));
      await coded('circuit.pinned', () => openCircuit(circuit.instance));
    } finally {
      writeFileSync(circuit.r1cs, bytes);
    }
    expect((await openCircuit(circuit.instance)).r1cs).to.equal(join(circuit.r1cs));
  });
});
