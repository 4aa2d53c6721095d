/**
 * Writes test/vectors/groth16.json: keys and proofs of a small circuit, made by circom and snarkjs alone, so that the
 * tests need neither to run. Run it with `npx tsx test/proof/tiny-circuit.ts`. Its randomness is the system's, so that
 * every run gives other bytes of the same kind.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import { curves, groth16, powersOfTau, wtns, zKey } from 'snarkjs';

import { fieldOrder } from '../../src/crypto/index.js';
import type { Groth16Vector } from './groth16-vector.js';

/** One output and six public inputs, the output being secret³ + Σ (i + 1)·known[i]. */
const circuit = `pragma circom 2.1.0;
template Tiny() {
  signal input known[6];
  signal input secret;
  signal output image;
  signal square <== secret * secret;
  signal cube <== square * secret;
  image <== cube + known[0] + 2*known[1] + 3*known[2] + 4*known[3] + 5*known[4] + 6*known[5];
}
component main {public [known]} = Tiny();
`;

const knowns: readonly (readonly bigint[])[] = [
  [1n, 2n, 3n, 4n, 5n, 6n],
  [0n, 0n, 0n, 0n, 0n, 0n],
  [7n, 0n, 0n, 9n, 0n, 0n],
  [fieldOrder - 1n, 0n, 1n, fieldOrder - 1n, 2n ** 128n, 2n ** 253n],
  [1n, 2n, 3n, 4n, 5n, 7n],
  [1n, 1n, 1n, 1n, 1n, 1n],
  [10n ** 70n, 10n ** 60n, 10n ** 50n, 10n ** 40n, 10n ** 30n, 10n ** 20n],
  [0n, 0n, 0n, 0n, 0n, 1n],
];

const root = resolve(import.meta.dirname, '..', '..');

function compile(): { r1cs: Uint8Array; wasm: Uint8Array } {
  const build = join(root, 'circuits', 'build');
  mkdirSync(build, { recursive: true });
  const folder = mkdtempSync(join(build, 'tiny-'));
  try {
    const source = join(folder, 'tiny.circom');
    writeFileSync(source, circuit);
    // circom2 sees only what lies below its working directory, by relative paths.
    execFileSync(
      process.execPath,
      [
        join(root, 'node_modules', 'circom2', 'cli.js'),
        relative(root, source),
        '--r1cs',
        '--wasm',
        '-o',
        relative(root, folder),
      ],
      { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    return {
      r1cs: new Uint8Array(readFileSync(join(folder, 'tiny.r1cs'))),
      wasm: new Uint8Array(readFileSync(join(folder, 'tiny_js', 'tiny.wasm'))),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const memory = (): { type: 'mem'; data?: Uint8Array } => ({ type: 'mem' });
const entropy = (): string => randomBytes(64).toString('hex');

async function make(): Promise<Groth16Vector> {
  const curve = await curves.getCurveFromName('bn128');
  const { r1cs, wasm } = compile();
  const [first, second, tau] = [memory(), memory(), memory()];
  await powersOfTau.newAccumulator(curve, 5, first);
  await powersOfTau.contribute(first, second, 'test', entropy());
  await powersOfTau.preparePhase2(second, tau);
  const unfinished = memory();
  await zKey.newZKey({ type: 'mem', data: r1cs }, tau, unfinished);

  const keyWithProofs = async (cases: typeof knowns) => {
    const zkey = memory();
    await zKey.contribute(unfinished, zkey, 'test', entropy());
    const statements = [];
    for (const [i, known] of cases.entries()) {
      const witness = memory();
      await wtns.calculate({ known, secret: BigInt(i) + 5n }, wasm, witness);
      const { proof, publicSignals } = await groth16.prove(zkey, witness);
      statements.push({ proof, inputs: publicSignals });
    }
    return { key: await zKey.exportVerificationKey(zkey), statements };
  };
  const vector: object = {
    r1cs: createHash('sha512').update(r1cs).digest('hex'),
    ...(await keyWithProofs(knowns)),
    other: await keyWithProofs(knowns.slice(0, 2)),
    unfinishedKey: await zKey.exportVerificationKey(unfinished),
  };
  await curve.terminate();
  return vector as Groth16Vector;
}

const path = join(root, 'test', 'vectors', 'groth16.json');
const text = `${JSON.stringify(await make(), undefined, 1)}\n`;
writeFileSync(path, text);
process.stdout.write(`groth16.json: ${text.length} bytes\n`);
