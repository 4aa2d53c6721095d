/** Every default circuit at full size: an honest witness, a proof, both verifiers. `npm run test:slow`, about a minute. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { groth16 } from 'snarkjs';

import { compileCircuit, sourceOf } from '../../scripts/compile-circuit.js';
import { SeededStream } from '../../src/crypto/index.js';
import { findInstance, listInstances, openCircuit } from '../../src/proof/circuits/index.js';
import { decodeProof, keyToSnarkjs, proofToSnarkjs, verifyProof } from '../../src/proof/index.js';
import { openProvingKey, setupDev, withSnarkjs } from '../../src/proof/keys/index.js';
import { proveAll } from '../../src/proof/proving/index.js';
import { WorkerPool } from '../../src/proof/workers/index.js';
import * as twin from '../twin/circuits.js';
import { reduce } from '../twin/poseidon.js';

const stream = new SeededStream('test/full-size', []);
const element = (): bigint => reduce(stream.bytes(64));
const elements = (count: number): bigint[] => Array.from({ length: count }, element);

const pair: twin.PairTerms = {
  shape: [28, 28, 1],
  pixels: [...stream.bytes(784)],
  natural: 3,
  r: element(),
  index: 17,
  seed: element(),
  classes: 10,
  naturalGiven: true,
};
const logits = Array.from({ length: 16 }, (_, k) => BigInt(k === twin.label(pair) ? 5_000 : -k));
const between = (most: number): bigint => BigInt(stream.below(2 * most) - most);

const statements: Record<string, twin.Inputs> = {
  'opening-28x28x1-16': { sessionHead: element(), ...twin.openPair(pair) },
  'neurons-10-10-1068': twin.block({
    ...{ A: 10, S: 10, beta: elements(1068), rho: element(), offset: element() },
    accs: Array.from({ length: 1068 }, () => between(2 ** 20)),
    ...{ digestSalt: element(), sumSalt: element() },
  }),
  'classification-28x28x1-16': twin.classify({
    ...{ pair, match: 1n, logits, sums: elements(4), pixelBeta: elements(784) },
    powers: elements(16),
    salts: { logits: element(), match: element(), sums: elements(4) },
  }),
  'fold-16': twin.fold(elements(16), elements(16), element()),
  'threshold-40': twin.threshold(
    Array.from({ length: 40 }, (_, i) => (i < 36 ? 1n : 0n)),
    elements(40),
    36n,
  ),
};

describe('the default circuits at full size', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'veilmark-slow-'));
  const pool = new WorkerPool();

  after(async () => {
    await pool.close();
    rmSync(folder, { recursive: true });
  });

  it('are all here', () => {
    const defaults = listInstances().filter((instance) => instance.default);
    expect(Object.keys(statements)).to.have.members(defaults.map(({ name }) => name));
  });

  for (const [name, inputs] of Object.entries(statements)) {
    it(`${name}: proven, and verified by both verifiers`, async () => {
      const instance = findInstance(name);
      await compileCircuit(sourceOf(instance));
      const circuit = await openCircuit(instance);
      await setupDev({ circuit, folder, pool });
      const key = await openProvingKey(folder, circuit);
      const [proved] = await proveAll([inputs], { pool, key });
      const proof = decodeProof(proved!.proof);
      const { publics } = proved!;
      verifyProof({ key: key.verificationKey, proof, inputs: publics });
      const json = keyToSnarkjs(key.verificationKey);
      const agrees = await withSnarkjs(() =>
        groth16.verify(json, publics.map(String), proofToSnarkjs(proof)),
      );
      expect(agrees).to.equal(true);
    });
  }
});
