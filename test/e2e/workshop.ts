import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SeededStream } from '../../src/crypto/index.js';
import { type Ended, newFolder, type Setting, start, succeeds, veilmark } from './veilmark.js';

export const size = 64;
export const classes = 10;

/** Options that make a training run of a second on the small data of `writeData`. */
export const quick = [
  ...['--architecture', 'mlp', '--epochs', '40', '--batch', '20', '--triggers-per-batch', '10'],
];
/** Two batches, in which 36 matches of 40 win. */
export const counts = ['--hidden', '80', '--audited', '4', '--batch', '40'];

/** An IDX data set of 8 x 8 images in ten classes that any network learns at once. */
export function writeData(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [stem, count] of [
    ['train', 300],
    ['t10k', 100],
  ] as const) {
    const pixels = new SeededStream('test/e2e', [stem]).bytes(count * size);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
    pixels.forEach((noise, at) => {
      const bright = (at % size) % classes === Math.floor(at / size) % classes;
      pixels[at] = (noise >> 2) + (bright ? 180 : 0);
    });
    writeFileSync(join(folder, `${stem}-images-idx3-ubyte`), idx([count, 8, 8], pixels));
    writeFileSync(join(folder, `${stem}-labels-idx1-ubyte`), idx([count], labels));
  }
}

function idx(dimensions: readonly number[], bytes: Uint8Array): Buffer {
  const header = Buffer.from([0, 0, 8, dimensions.length]);
  const lengths = dimensions.map((dimension) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(dimension);
    return length;
  });
  return Buffer.concat([header, ...lengths, bytes]);
}

/** Keys, data, a claim and a marked model that tests copy from; made once, by the commands themselves. */
export interface Workshop {
  readonly folder: string;
  readonly ownerKey: string;
  readonly judgeKey: string;
  readonly data: string;
  readonly claim: string;
  readonly commitment: string;
  readonly model: string;
}

let made: Promise<Workshop> | undefined;

export function workshop(): Promise<Workshop> {
  made ??= make();
  return made;
}

async function make(): Promise<Workshop> {
  const folder = newFolder();
  const at = (name: string): string => join(folder, name);
  const claim = at('claim');
  const shop = {
    folder,
    claim,
    ownerKey: at('owner.key'),
    judgeKey: at('judge.key'),
    data: `idx:${at('data')}`,
    commitment: join(claim, 'commitment.veilmark'),
    model: at('model'),
  };
  writeData(at('data'));
  await Promise.all([
    succeeds(['keygen', shop.ownerKey, '--plain']),
    succeeds(['keygen', shop.judgeKey, '--plain']),
  ]);
  const task = ['--key', shop.ownerKey, '--data', shop.data];
  await succeeds(['commit', claim, ...task, ...counts, '--plain']);
  await succeeds(['embed', shop.model, '--claim', claim, '--data', shop.data, ...quick]);
  return shop;
}

/** A copy of the workshop's claim, with no batch spent. */
export function copyClaim({ claim }: Workshop): string {
  const copy = join(newFolder(), 'claim');
  cpSync(claim, copy, { recursive: true });
  return copy;
}

/** Every path below a folder, for comparing before and after. */
export function listing(folder: string): string[] {
  return existsSync(folder) ? (readdirSync(folder, { recursive: true }) as string[]).sort() : [];
}

/** Changes one byte of a file, or cuts the file there. */
export function damage(path: string, at: number, how: 'flip' | 'cut'): void {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : at;
  // A digit, so that a place in hexadecimal stays hexadecimal.
  if (how === 'flip') bytes[place] = bytes[place] === 0x30 ? 0x31 : 0x30;
  writeFileSync(path, how === 'flip' ? bytes : bytes.subarray(0, place));
}

/** A policy that asks little, so that tests are quick. */
export function writePolicy(folder: string, changes: object = {}): string {
  const path = join(folder, 'policy.json');
  const policy = {
    alphaBits: 40,
    deadlineSeconds: 20,
    decoysPerTrigger: 1,
    epsilonPpm: 100_000,
    grindingBits: 40,
    minimumDecoyAccuracyPpm: 0,
    suspectBits: 20,
  };
  writeFileSync(path, JSON.stringify({ ...policy, ...changes }));
  return path;
}

/** The judge's command, all but the suspect. */
export function judgeWords(shop: Workshop, transcript: string, prover: string): string[] {
  const words = ['judge', transcript, '--prover', prover, '--commitment', shop.commitment];
  return [...words, '--key', shop.judgeKey, '--decoys', shop.data];
}

/** A session between two processes: `prove --once`, and a judge with more words of its own. */
export async function session(
  shop: Workshop,
  words: readonly string[],
  {
    claim = copyClaim(shop),
    transcript = join(newFolder(), 'session.transcript'),
    setting = {},
    prove = [],
    policy = writePolicy(newFolder()),
  }: {
    claim?: string;
    transcript?: string;
    setting?: Setting;
    /** More words of the prover. */
    prove?: readonly string[];
    /** A file of the judge's, which a reader needs too to find the policy strong enough. */
    policy?: string;
  } = {},
): Promise<{ judge: Ended; owner: Ended; transcript: string; claim: string; policy: string }> {
  const listen = ['--listen', '127.0.0.1:0', '--once', ...prove];
  const prover = await start(['prove', '--claim', claim, '--key', shop.ownerKey, ...listen]);
  const [, address = ''] = await prover.says(/listening on (wss?:\S+),/);
  const judgeArgs = [...judgeWords(shop, transcript, address), '--policy', policy, ...words];
  const judge = await veilmark(judgeArgs, setting);
  const owner = await prover.ended;
  return { judge, owner, transcript, claim, policy };
}
