/**
 * Time to make and commit to 144 abstract images, by part, and to re-verify a session of 40 openings of 28×28, against
 * the plain alternative: Poseidon in JavaScript (the tests' twin) in place of WebAssembly. In one process.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';

import { formatShape, type Image, parseShape, type Shape } from '../src/base/index.js';
import { createCommitment, imageDigest, type Parameters } from '../src/commitment/index.js';
import { generateKeyPair, systemRandom } from '../src/crypto/index.js';
import { imagesFromSecret } from '../src/triggers/index.js';
import { verifyTranscript } from '../src/verifier/index.js';
import { type Claim, markedSuspect, noiseImages, testParameters } from '../test/support/claim.js';
import { runSession } from '../test/support/session.js';
import { imageDigest as plainImageDigest } from '../test/twin/commitment.js';

const pairs = 144;
const runs = { '28x28x1': 5, '32x32x3': 5, '224x224x3': 1 };

export async function run(): Promise<void> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const load = loadavg()[0]?.toFixed(2) ?? '';
  print(`${availableParallelism()} cores (${model}), Node ${process.version}, load ${load}\n`);
  print('| shape | images (s) | hashing (s) | plain hashing (s) | ratio | commit, all (s) |');
  print('| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const [text, count] of Object.entries(runs)) commitRow(parseShape(text), count);
  print('');
  await verifyRow(parseShape('28x28x1'));
}

function commitRow(shape: Shape, count: number): void {
  const secret = systemRandom(32);
  const images = imagesFromSecret({ secret, count: pairs, shape });
  const [sample] = images;
  if (sample === undefined) return;
  plainDigest(sample);
  const making = median(count, () => imagesFromSecret({ secret, count: pairs, shape }));
  const hashing = median(count, () => images.map(imageDigest));
  const plain = median(1, () => plainDigest(sample)) * pairs;
  const all = making + median(count, () => claimOf(shape, images, secret));
  const cells = [making, hashing, plain].map((seconds) => seconds.toFixed(2));
  const ratio = (plain / hashing).toFixed(1);
  print(`| ${formatShape(shape)} | ${cells.join(' | ')} | ${ratio} | ${all.toFixed(2)} |`);
}

async function verifyRow(shape: Shape): Promise<void> {
  const claim = claimOf(shape, noiseImages('bench', pairs, shape), systemRandom(32));
  const suspect = markedSuspect(claim);
  const descriptor = { ...suspect.descriptor, shape: formatShape(shape) };
  const decoys = noiseImages('decoys', 40, shape).map((picture) => ({
    image: picture,
    kind: 'abstract' as const,
  }));
  const { judge } = await runSession(claim, {
    judge: { suspect: { ...suspect, descriptor }, decoys },
  });
  const seconds = median(5, () => verifyTranscript(judge.transcript));
  print(`verify a session of 40 openings of ${formatShape(shape)}: ${seconds.toFixed(2)} s`);
}

function claimOf(shape: Shape, images: readonly Image[], secret: Uint8Array): Claim {
  const owner = generateKeyPair(systemRandom);
  const parameters: Parameters = { ...testParameters, shape, audited: pairs - 120 };
  const natural = new Array<number>(pairs).fill(parameters.classNames.length);
  const source = { secret, origin: 'system' as const, images, natural };
  return { owner, ...createCommitment({ parameters, source, owner }) };
}

function plainDigest({ shape, pixels }: Image): bigint {
  return plainImageDigest([shape.height, shape.width, shape.channels], pixels);
}

/** Median seconds of some runs. */
function median(count: number, work: () => unknown): number {
  const seconds = Array.from({ length: count }, () => {
    const started = performance.now();
    work();
    return (performance.now() - started) / 1000;
  }).sort((a, b) => a - b);
  return seconds[count >> 1] ?? NaN;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
