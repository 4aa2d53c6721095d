import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { EvidenceError, InputError } from '../../base/index.js';
import { coordinatePrime, littleEndianToInteger } from './montgomery.js';

/** A powers-of-tau file and the hash under which its ceremony is published: one of the two. */
export interface PtauSource {
  readonly path: string;
  /** 128 hexadecimal digits. */
  readonly sha512?: string | undefined;
  readonly blake2b?: string | undefined;
}

/** A powers-of-tau file that has the hash which was asked for, is prepared for phase 2 and large enough. */
export interface Ptau {
  readonly path: string;
  readonly power: number;
  /** SHA-512, hexadecimal. */
  readonly sha512: string;
  /** First byte of the powers in G1, 64 bytes each. */
  readonly powersAt: number;
}

/**
 * Checks a powers-of-tau file for a circuit with a domain of `domain` places. Throws `InputError` `file.missing`,
 * `ptau.format` (another kind of file, or truncated), `ptau.size`, `ptau.unprepared`; `EvidenceError` `ptau.hash`.
 */
export async function openPtau(source: PtauSource, domain: number): Promise<Ptau> {
  const { path } = source;
  const file = await open(path, 'r').catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new InputError({
      code: code === 'ENOENT' ? 'file.missing' : 'file.read',
      message:
        code === 'ENOENT'
          ? `there is no powers-of-tau file at ${path}`
          : `cannot read the powers-of-tau file ${path}: ${message}`,
      hint: 'check the path; docs/keys.md says where such files are published',
      cause,
    });
  });
  try {
    const { power, powersAt } = await checkLayout(path, file);
    if (2 ** power < domain) {
      throw new InputError({
        code: 'ptau.size',
        message: `${path} has 2^${power} powers of tau, but this circuit needs 2^${Math.log2(domain)}`,
        hint: 'take a file of that power or a higher one',
      });
    }
    return { path, power, powersAt, sha512: await checkHash(source) };
  } finally {
    await file.close();
  }
}

/**
 * A powers-of-tau file, in memory, of nothing but the powers in G1 that a domain needs. snarkjs's check of a zkey reads no
 * more, and never closes the file it is given.
 */
export async function smallPtau({ path, powersAt }: Ptau, domain: number): Promise<Uint8Array> {
  const head = 12 + 12;
  const length = 64 * 2 * domain;
  const bytes = new Uint8Array(head + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, 1, true);
  view.setUint32(12, 2, true);
  view.setBigUint64(16, BigInt(length), true);
  const file = await open(path, 'r');
  try {
    // The largest domain of a file has one power less; snarkjs takes the last one zero times.
    await file.read(bytes, head, length - 64, powersAt);
  } finally {
    await file.close();
  }
  return bytes;
}

const magic = 0x75617470;

/** Reads the table of sections and checks it. */
async function checkLayout(
  path: string,
  file: FileHandle,
): Promise<{ power: number; powersAt: number }> {
  const refuse = (problem: string): never => {
    throw new InputError({
      code: 'ptau.format',
      message: `${path} ${problem}`,
      hint: 'name a powers-of-tau file (.ptau) of BN254, whole; docs/keys.md says where they are published',
    });
  };
  const info = await file.stat();
  if (!info.isFile()) refuse('is not a file');
  const { size } = info;
  const read = async (at: number, length: number): Promise<DataView> => {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, at);
    if (bytesRead !== length) refuse('is truncated');
    return new DataView(bytes.buffer);
  };
  const isWhole = size >= 12;
  const start = isWhole ? await read(0, 12) : undefined;
  if (start?.getUint32(0, true) !== magic) return refuse('is not a powers-of-tau file');
  const sections = new Map<number, { at: number; length: number }>();
  let at = 12;
  for (let i = 0; i < Math.min(start.getUint32(8, true), 100); i++) {
    const head = await read(at, 12);
    const length = Number(head.getBigUint64(4, true));
    sections.set(head.getUint32(0, true), { at: at + 12, length });
    at += 12 + length;
  }
  if (at > size) refuse(`is truncated: ${size} of ${at} bytes`);
  const header = sections.get(1);
  if (header?.length !== 44) return refuse('has no header');
  const fields = await read(header.at, header.length);
  const bytes = new Uint8Array(fields.buffer);
  if (fields.getUint32(0, true) !== 32 || littleEndianToInteger(bytes, 4) !== coordinatePrime) {
    refuse('is over another curve');
  }
  const power = fields.getUint32(36, true);
  if (power > 28) refuse(`has 2^${power} powers`);
  if (!sections.has(12)) {
    throw new InputError({
      code: 'ptau.unprepared',
      message: `${path} is not prepared for phase 2`,
      hint: 'take the published file that is (“final”), or run: npx snarkjs powersoftau prepare phase2',
    });
  }
  for (const [id, length] of sizes(power)) {
    if ((sections.get(id)?.length ?? 0) < length) refuse(`has too little in its section ${id}`);
  }
  return { power, powersAt: sections.get(2)?.at ?? 0 };
}

/** Bytes of the sections that snarkjs reads: the powers, and those of every smaller domain in Lagrange's basis. */
function sizes(power: number): readonly (readonly [number, number])[] {
  const n = 2 ** power;
  return [
    [2, 64 * (2 * n - 1)],
    [3, 128 * n],
    [4, 64 * n],
    [5, 64 * n],
    [6, 128],
    [12, 64 * (4 * n - 1)],
    [13, 128 * (2 * n - 1)],
    [14, 64 * (2 * n - 1)],
    [15, 64 * (2 * n - 1)],
  ];
}

async function checkHash({ path, sha512, blake2b }: PtauSource): Promise<string> {
  const hashes = { sha512: createHash('sha512'), blake2b: createHash('blake2b512') };
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      hashes.sha512.update(chunk);
      if (blake2b !== undefined) hashes.blake2b.update(chunk);
    }
  });
  const found = { sha512: hashes.sha512.digest('hex'), blake2b: hashes.blake2b.digest('hex') };
  const isAsked =
    (sha512 !== undefined || blake2b !== undefined) &&
    (sha512 === undefined || sha512 === found.sha512) &&
    (blake2b === undefined || blake2b === found.blake2b);
  if (isAsked) return found.sha512;
  throw new EvidenceError({
    code: 'ptau.hash',
    message: `${path} does not have the hash that was given: its SHA-512 is ${found.sha512}`,
    hint: 'download it again; if it stays so, do not use it: whoever made it may know the secrets in it',
  });
}
