import { equalBytes, EvidenceError } from '../../base/index.js';
import { fieldOrder } from '../../crypto/index.js';
import { coordinatePrime, littleEndianToInteger } from './montgomery.js';

/** The sections of a Groth16 zkey, by snarkjs's numbers. */
export const sectionNames = {
  1: 'protocol',
  2: 'header',
  3: 'IC',
  4: 'coefficients',
  5: 'A',
  6: 'B1',
  7: 'B2',
  8: 'L',
  9: 'H',
  10: 'contributions',
} as const;
export type SectionId = keyof typeof sectionNames;

/** A zkey whose sections are all there, once, of the sizes that its header gives, with nothing between or after them. */
export interface ZkeyFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly signals: number;
  readonly publics: number;
  readonly domain: number;
  readonly sections: Readonly<Record<SectionId, Uint8Array>>;
  /** Alpha, beta and gamma: all points of the header that no contribution changes. */
  readonly fixed: Uint8Array;
  /** Affine, Montgomery form, little-endian: 64 and 128 bytes. */
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
  /** Of the circuit and the powers of tau, from which the ceremony began. */
  readonly circuitHash: Uint8Array;
}

const g1 = 64;
const g2 = 128;
const points = 84;
const deltas = points + 2 * g1 + 2 * g2;
const headerBytes = deltas + g1 + g2;
export const circuitHashBytes = 64;

/**
 * Takes a zkey file apart. Stricter than snarkjs, which skips unknown sections and bytes after the last one, and multiplies
 * whatever points it finds: see `checkFollows`. Throws `EvidenceError` `key.damaged`.
 */
export function readZkey(bytes: Uint8Array, path: string): ZkeyFile {
  const refuse = (problem: string): never => refuseZkey(path, problem);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0, true) !== 0x79656b7a) refuse('is not a zkey file');
  const count = Object.keys(sectionNames).length;
  if (view.getUint32(4, true) !== 1 || view.getUint32(8, true) !== count) {
    refuse(`is not of version 1 with ${count} sections`);
  }
  const found: Partial<Record<SectionId, Uint8Array>> = {};
  let at = 12;
  for (let i = 0; i < count; i++) {
    if (at + 12 > bytes.length) refuse('is truncated');
    const id = view.getUint32(at, true);
    const length = view.getBigUint64(at + 4, true);
    at += 12;
    if (!isSectionId(id)) return refuse(`has an unknown section ${id}`);
    if (found[id]) refuse(`has the section ${sectionNames[id]} twice`);
    if (length > BigInt(bytes.length - at)) refuse('is truncated');
    found[id] = bytes.subarray(at, at + Number(length));
    at += Number(length);
  }
  if (at !== bytes.length) refuse('has bytes after its last section');
  // Ten different numbers out of ten.
  const sections = found as Record<SectionId, Uint8Array>;
  const header = sections[2];
  checkHeader(sections[1], header, refuse);
  const sizes = new DataView(header.buffer, header.byteOffset);
  const [signals, publics, domain] = [72, 76, 80].map((place) => sizes.getUint32(place, true)) as [
    number,
    number,
    number,
  ];
  if (publics >= signals) refuse('has more public signals than signals');
  const expected: readonly [SectionId, number][] = [
    [3, g1 * (publics + 1)],
    [5, g1 * signals],
    [6, g1 * signals],
    [7, g2 * signals],
    [8, g1 * (signals - publics - 1)],
    [9, g1 * domain],
  ];
  for (const [id, size] of expected) {
    if (sections[id].length !== size) {
      refuse(`has ${sections[id].length} bytes in its section ${sectionNames[id]}, not ${size}`);
    }
  }
  if (sections[10].length < circuitHashBytes + 4) refuse('has no list of contributions');
  return {
    ...{ path, bytes, signals, publics, domain, sections },
    fixed: header.subarray(points, deltas),
    delta1: header.subarray(deltas, deltas + g1),
    delta2: header.subarray(deltas + g1),
    circuitHash: sections[10].subarray(0, circuitHashBytes),
  };
}

function checkHeader(
  protocol: Uint8Array,
  header: Uint8Array,
  refuse: (problem: string) => never,
): void {
  if (!equalBytes(protocol, new Uint8Array([1, 0, 0, 0]))) refuse('is not a key of Groth16');
  if (header.length !== headerBytes) refuse('has a header of another length');
  const view = new DataView(header.buffer, header.byteOffset);
  const primes =
    view.getUint32(0, true) === 32 &&
    view.getUint32(36, true) === 32 &&
    littleEndianToInteger(header, 4) === coordinatePrime &&
    littleEndianToInteger(header, 40) === fieldOrder;
  if (!primes) refuse('is over another curve');
}

function isSectionId(id: number): id is SectionId {
  return id in sectionNames;
}

/** Throws `EvidenceError` `key.damaged`. */
export function refuseZkey(path: string, problem: string, cause?: unknown): never {
  throw new EvidenceError({
    code: 'key.damaged',
    message: `${path} ${problem}`,
    hint: 'copy it again from whoever made it and compare sha512sum on both machines; if it is the same there, that contributor did not follow the ceremony: go on from the file before',
    cause,
  });
}
