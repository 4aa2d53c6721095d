import { createHash } from 'node:crypto';

import { bytesToHex, EvidenceError } from '../../base/index.js';
import { encodeG1, encodeG2 } from '../points.js';
import { g1FromZkey, g2FromZkey } from './montgomery.js';
import { circuitHashBytes, refuseZkey, type ZkeyFile } from './zkey-layout.js';

/** Who contributed to a key. */
export interface Contribution {
  /**
   * What the contributor called himself. No hash covers it: whoever passes the file on can write another name. A person is
   * known by the hash that he published.
   */
  readonly name: string;
  /** snarkjs's contribution hash, BLAKE2b-512; covers the contribution, the circuit, and all contributions before it. */
  readonly hash: string;
  /** A contribution that anyone can recompute from a public value, so that nobody had the last word. */
  readonly beacon?: { readonly value: string; readonly iterationsLog2: number };
}

/** Bounds of a beacon: 2^24 hashes are half a minute, and a hostile file must not keep its reader busy for ever. */
export const beaconIterations = { least: 10, most: 24 } as const;
export const maxNameBytes = 255;

const mostContributions = 1000;
const pointsBytes = 3 * 64 + 128;
const transcriptBytes = 64;

/**
 * The contributions of a zkey (section 10), which snarkjs reads but does not export:
 *
 *   circuit hash (64), count (u32), and for each contribution: delta after it, s, s·x (G1, 64 each), sp·x (G2, 128),
 *   transcript (64), type (u32: 0 a person, 1 a beacon), bytes of parameters (u32), parameters in this order:
 *   1, length, name; 2, exponent of the iterations; 3, length, value
 *
 * One spelling each, so that a changed byte changes what is shown or is refused. Throws `EvidenceError` `key.damaged`.
 */
export function readContributions(zkey: ZkeyFile): Contribution[] {
  const bytes = zkey.sections[10];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const refuse = (problem: string): never =>
    refuseZkey(zkey.path, `has a damaged list of contributions: ${problem}`);
  let at: number = circuitHashBytes;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) refuse('it is cut off');
    return bytes.subarray(at, (at += length));
  };
  const u32 = (): number => {
    take(4);
    return view.getUint32(at - 4, true);
  };
  const count = u32();
  if (count > mostContributions) refuse(`it says that there are ${count}`);
  const contributions: Contribution[] = [];
  for (let i = 0; i < count; i++) {
    const points = take(pointsBytes);
    const transcript = take(transcriptBytes);
    const type = u32();
    const end = u32() + at;
    const parameters = readParameters(
      (length) => (at + length > end ? refuse('a parameter is cut off') : take(length)),
      () => at < end,
      refuse,
    );
    const { name = '', exponent, value } = parameters;
    const hash = contributionHash(points, transcript, zkey.path);
    if (type === 0 && exponent === undefined && value === undefined) {
      contributions.push({ name, hash });
    } else if (type === 1 && exponent !== undefined && value !== undefined) {
      const beacon = { value: bytesToHex(value), iterationsLog2: exponent };
      contributions.push({ name, hash, beacon });
    } else {
      refuse('one is neither of a person nor of a beacon');
    }
  }
  if (at !== bytes.length) refuse('bytes follow it');
  return contributions;
}

interface Parameters {
  name?: string;
  exponent?: number;
  value?: Uint8Array;
}

function readParameters(
  take: (length: number) => Uint8Array,
  isMore: () => boolean,
  refuse: (problem: string) => never,
): Parameters {
  const parameters: Parameters = {};
  const byte = (): number => take(1)[0] ?? 0;
  for (let last = 0; isMore();) {
    const kind = byte();
    if (kind <= last) refuse('its parameters are out of order');
    last = kind;
    if (kind === 1) {
      parameters.name = text(take(byte())) ?? refuse('a name is no text');
    } else if (kind === 2) {
      const exponent = byte();
      if (exponent < beaconIterations.least || exponent > beaconIterations.most) {
        refuse(`a beacon of 2^${exponent} iterations`);
      }
      parameters.exponent = exponent;
    } else if (kind === 3) {
      parameters.value = take(byte());
    } else {
      refuse(`a parameter of the unknown kind ${kind}`);
    }
  }
  return parameters;
}

function text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** As `hashPubKey` of snarkjs's zkey_utils.js: BLAKE2b-512 of the four points, uncompressed, and the transcript. */
function contributionHash(points: Uint8Array, transcript: Uint8Array, path: string): string {
  const hash = createHash('blake2b512');
  try {
    for (const [start, name] of [
      [0, 'delta'],
      [64, 's'],
      [128, 'sx'],
    ] as const) {
      const label = { name: `${name} of a contribution`, code: 'key.point' } as const;
      hash.update(encodeG1(g1FromZkey(points.subarray(start, start + 64), label)));
    }
    const label = { name: 'spx of a contribution', code: 'key.point' } as const;
    hash.update(encodeG2(g2FromZkey(points.subarray(192), label)));
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    refuseZkey(path, `has a damaged list of contributions: ${error.message}`, error);
  }
  return hash.update(transcript).digest('hex');
}

/** The point delta after the last contribution, as the zkey holds it, if there is one. */
export function deltaAfterLast(zkey: ZkeyFile): Uint8Array | undefined {
  const bytes = zkey.sections[10];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = circuitHashBytes + 4;
  let delta: Uint8Array | undefined;
  while (at < bytes.length) {
    delta = bytes.subarray(at, at + 64);
    at += pointsBytes + transcriptBytes + 8;
    at += view.getUint32(at - 4, true);
  }
  return delta;
}
