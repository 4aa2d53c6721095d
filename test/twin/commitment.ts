import { createHash, hkdfSync, scryptSync } from 'node:crypto';

import { canonical, frame, Shake, taggedHash } from './bytes.js';
import { publicKey, sign } from './ed25519.js';
import { hashMany, hex, poseidon, reduce, tagElement } from './poseidon.js';

/** The parameters of a commitment as its file names them. */
export interface Terms {
  readonly labelMode: 'derived' | 'chosen';
  readonly natural: 'none' | 'given';
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  readonly hidden: number;
  readonly audited: number;
  readonly batchSize: number;
  readonly origin: 'system' | 'test';
}

/** A mark: the owner's secrets, one image for each pair. */
export interface TwinMark {
  readonly terms: Terms;
  readonly secret: Uint8Array;
  readonly ownerSeed: Uint8Array;
  readonly images: readonly Uint8Array[];
  readonly natural: readonly number[];
  readonly labels?: readonly number[];
}

export function imageDigest(shape: readonly number[], pixels: Uint8Array): bigint {
  const limbs: bigint[] = [];
  for (let at = 0; at < pixels.length; at += 31) {
    const chunk = Buffer.from(pixels.subarray(at, at + 31)).reverse();
    limbs.push(BigInt(`0x${chunk.toString('hex')}`));
  }
  return hashMany('veilmark/image/1', [...shape.map(BigInt), ...limbs]);
}

export function triggerCommitment(digest: bigint, natural: number, r: bigint): bigint {
  return poseidon([tagElement('veilmark/trigger/1'), digest, BigInt(natural), r]);
}

export function labelSeed(terms: Terms, owner: Uint8Array, triggers: readonly bigint[]): bigint {
  const input = frame([
    'veilmark/label-seed/1',
    'veilmark/1',
    terms.labelMode,
    terms.natural,
    terms.classes.length,
    ...terms.classes,
    ...terms.shape,
    terms.hidden,
    terms.audited,
    terms.batchSize,
    owner,
    '',
    triggers.length,
    ...triggers.map((element) => Buffer.from(hex(element), 'hex')),
  ]);
  const digest = createHash('sha512').update(input).digest();
  const options = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };
  return reduce(scryptSync(digest, 'veilmark/label-seed/1', 64, options));
}

export function blinding(seed: bigint, index: number, r: bigint): bigint {
  return poseidon([tagElement('veilmark/label/1'), seed, BigInt(index), r]);
}

export function deriveLabel(u: bigint, natural: number, classes: number): number {
  const d = u % 2n ** 128n;
  if (natural === classes) return Number(d % BigInt(classes));
  const others = Array.from({ length: classes }, (_, label) => label).filter((l) => l !== natural);
  return others[Number(d % BigInt(others.length))]!;
}

export function labelCommitment(label: number, blind: bigint): bigint {
  return poseidon([tagElement('veilmark/label-commitment/1'), BigInt(label), blind]);
}

export function deal(terms: Terms, seed: bigint): { audited: number[]; batches: number[][] } {
  const { hidden, audited, batchSize } = terms;
  const stream = new Shake('veilmark/order/1', [Buffer.from(hex(seed), 'hex')]);
  const order = stream.permutation(hidden + audited);
  const ascending = (list: number[]): number[] => list.sort((a, b) => a - b);
  const batches: number[][] = [];
  for (let at = audited; at < order.length; at += batchSize) {
    batches.push(ascending(order.slice(at, at + batchSize)));
  }
  return { audited: ascending(order.slice(0, audited)), batches };
}

export function derived(secret: Uint8Array, purpose: string, index: number): bigint {
  const info = frame([purpose, index, 0]);
  return reduce(new Uint8Array(hkdfSync('sha512', secret, '', info, 64)));
}

/** A commitment with everything that led to it. */
export interface TwinCommitment {
  readonly mark: TwinMark;
  readonly owner: Buffer;
  readonly seed: bigint;
  readonly audited: readonly number[];
  readonly batches: readonly (readonly number[])[];
  readonly labels: readonly number[];
  /** The JSON of the file. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly file: Buffer;
  readonly digest: Buffer;
}

/** The JSON of one opening. */
export function opening({ secret, images, natural, labels }: TwinMark, index: number) {
  const r = hex(derived(secret, 'veilmark/trigger-randomness/1', index));
  const image = Buffer.from(images[index]!).toString('base64');
  const common = { image, index, natural: natural[index]!, r };
  if (!labels) return common;
  const s = hex(derived(secret, 'veilmark/label-randomness/1', index));
  return { ...common, label: labels[index]!, s };
}

export function commit(mark: TwinMark): TwinCommitment {
  const { terms, secret, ownerSeed, images, natural } = mark;
  const owner = publicKey(ownerSeed);
  const r = images.map((_, i) => derived(secret, 'veilmark/trigger-randomness/1', i));
  const triggers = images.map((pixels, i) =>
    triggerCommitment(imageDigest(terms.shape, pixels), natural[i]!, r[i]!),
  );
  const seed = labelSeed(terms, owner, triggers);
  const u = r.map((value, i) => blinding(seed, i, value));
  const labels =
    mark.labels ?? u.map((value, i) => deriveLabel(value, natural[i]!, terms.classes.length));
  const commitments = labels.map((label, i) => {
    const s = mark.labels && derived(secret, 'veilmark/label-randomness/1', i);
    return labelCommitment(label, s ?? u[i]!);
  });
  const { audited, batches } = deal(terms, seed);
  const body = {
    ...terms,
    audit: audited.map((index) => opening(mark, index)),
    labelCommitments: commitments.map(hex),
    owner: owner.toString('hex'),
    suite: 'veilmark/1',
    triggerCommitments: triggers.map(hex),
  };
  const file = signedFile(canonical(body), ownerSeed);
  const digest = taggedHash('veilmark/commitment-digest/1', [file]);
  return { mark, owner, seed, audited, batches, labels, body, file, digest };
}

/** commitment.md, the file: whatever its second line, signed by the owner. */
export function signedFile(body: string | Uint8Array, ownerSeed: Uint8Array): Buffer {
  const signature = sign('veilmark/commitment-signature/1', [body], ownerSeed).toString('hex');
  const parts = ['veilmark/commitment/1\n', body, `\n${signature}\n`];
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

/** commitment.md, what a mark file seals. */
export function markBytes({ mark, digest }: TwinCommitment): Buffer {
  const header = canonical({
    commitment: digest.toString('hex'),
    ...(mark.labels && { labels: mark.labels }),
    natural: mark.natural,
    origin: mark.terms.origin,
    secret: Buffer.from(mark.secret).toString('hex'),
  });
  return Buffer.concat([Buffer.from(`${header}\n`), ...mark.images]);
}
