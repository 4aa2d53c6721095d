import { type Static, Type } from 'typebox';

import {
  bigEndian,
  bigEndianToInteger,
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  hexBytes,
  InputError,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import type { JournalRecord } from './journal.js';

/**
 * The bytes of a journal: a first line, then records. A record is its type (1 byte), the length of its payload (8 bytes, big-endian),
 * 8 bytes that check these two, the payload, and a digest. Check and digest cover the digest of the record before, so that none can be
 * taken out or moved.
 */
const firstLine = utf8ToBytes('veilmark/journal/1\n');
const headBytes = 1 + 8 + 8;
const digestBytes = 32;

const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Begin = Type.Object(
  {
    commitment: Hex32,
    role: Type.Union([Type.Literal('judge'), Type.Literal('owner')]),
    secret: Hex32,
  },
  { additionalProperties: false },
);

/** Whose journal of a session about which commitment it is, and the session's 32-byte secret; in hexadecimal. */
export type JournalBegin = Static<typeof Begin>;

const letters = { begin: 'B', own: 'O', peer: 'P', abort: 'A', refusal: 'R' } as const;
type Letter = (typeof letters)[keyof typeof letters];

/** Where the next record of a journal goes. */
export interface JournalEnd {
  /** Length of the sound records, in bytes. */
  readonly length: number;
  /** Digest of the last of them. */
  readonly digest: Uint8Array;
}

/** The start of a new journal: the first line and who keeps it. */
export function encodeJournalBegin(begin: JournalBegin): { bytes: Uint8Array; end: JournalEnd } {
  const start = { length: firstLine.length, digest: taggedHash('veilmark/journal/1', []) };
  const { bytes, end } = encode(start, letters.begin, canonicalBytes(begin));
  return { bytes: concatBytes(firstLine, bytes), end };
}

/** The bytes of one more record. */
export function encodeJournalRecord(
  at: JournalEnd,
  record: JournalRecord,
): { bytes: Uint8Array; end: JournalEnd } {
  if (record.kind !== 'abort') return encode(at, letters[record.kind], record.message);
  const { message, refused } = record;
  if (!refused) return encode(at, letters.abort, message);
  return encode(at, letters.refusal, concatBytes(bigEndian(message.length, 8), message, refused));
}

/** Whether bytes start as a journal does. */
export function isJournal(file: Uint8Array): boolean {
  return equalBytes(file.subarray(0, firstLine.length), firstLine);
}

/**
 * Reads a journal. A last record that was cut off while it was written is dropped: nothing was sent before it was whole. Throws
 * `InputError` `journal.damaged` for any other damage.
 */
export function decodeJournal(file: Uint8Array): {
  begin: JournalBegin;
  records: JournalRecord[];
  end: JournalEnd;
} {
  if (!isJournal(file)) throw damaged('it does not start with the line veilmark/journal/1');
  let end: JournalEnd = {
    length: firstLine.length,
    digest: taggedHash('veilmark/journal/1', []),
  };
  let begin: JournalBegin | undefined;
  const records: JournalRecord[] = [];
  for (let next = read(file, end); next !== undefined; next = read(file, end)) {
    if (begin === undefined) begin = readBegin(next);
    else records.push(readRecord(next));
    ({ end } = next);
  }
  if (begin === undefined) throw damaged('its first record is cut off');
  return { begin, records, end };
}

interface RawRecord {
  readonly letter: string;
  readonly payload: Uint8Array;
  readonly end: JournalEnd;
}

/** The record at a place; nothing at the end of the file, or where the rest is one that was cut off. */
function read(file: Uint8Array, at: JournalEnd): RawRecord | undefined {
  const rest = file.subarray(at.length);
  // A file system that lost its power may have made a file longer and not written what goes there.
  if (rest.length < headBytes || rest.every((byte) => byte === 0)) return undefined;
  const letter = String.fromCharCode(rest[0] ?? 0);
  const size = Number(bigEndianToInteger(rest.subarray(1, 9)));
  if (!equalBytes(rest.subarray(9, headBytes), check(at, letter, size))) {
    throw damaged(`the head of the record at byte ${at.length} is not what was written`);
  }
  const length = headBytes + size + digestBytes;
  if (length > rest.length) return undefined;
  const payload = rest.slice(headBytes, headBytes + size);
  const digest = digestOf(at, letter, payload);
  if (equalBytes(rest.subarray(headBytes + size, length), digest)) {
    return { letter, payload, end: { length: at.length + length, digest } };
  }
  if (length === rest.length) return undefined;
  throw damaged(`the record at byte ${at.length} is not what was written`);
}

function readBegin({ letter, payload }: RawRecord): JournalBegin {
  if (letter !== letters.begin) throw damaged('it does not say whose it is');
  return parseCanonical({
    bytes: payload,
    schema: Begin,
    what: 'journal',
    code: 'journal.damaged',
  });
}

function readRecord({ letter, payload }: RawRecord): JournalRecord {
  switch (letter) {
    case letters.own:
      return { kind: 'own', message: payload };
    case letters.peer:
      return { kind: 'peer', message: payload };
    case letters.abort:
      return { kind: 'abort', message: payload };
    case letters.refusal: {
      const size = Number(bigEndianToInteger(payload.subarray(0, 8)));
      if (payload.length < 8 + size) throw damaged('an abort in it is shorter than it says');
      const message = payload.slice(8, 8 + size);
      return { kind: 'abort', message, refused: payload.slice(8 + size) };
    }
    default:
      throw damaged(`it holds a record of the unknown type ${JSON.stringify(letter)}`);
  }
}

/** The session's secret. */
export function secretOf({ secret }: JournalBegin): Uint8Array {
  return hexBytes(secret, 32);
}

/** Who keeps a new journal. */
export function newJournalBegin(options: {
  role: JournalBegin['role'];
  commitment: Uint8Array;
  secret: Uint8Array;
}): JournalBegin {
  const { role, commitment, secret } = options;
  return { commitment: bytesToHex(commitment), role, secret: bytesToHex(secret) };
}

function encode(
  at: JournalEnd,
  letter: Letter,
  payload: Uint8Array,
): { bytes: Uint8Array; end: JournalEnd } {
  const digest = digestOf(at, letter, payload);
  const size = payload.length;
  const head = concatBytes(utf8ToBytes(letter), bigEndian(size, 8), check(at, letter, size));
  const bytes = concatBytes(head, payload, digest);
  return { bytes, end: { length: at.length + bytes.length, digest } };
}

/** Tells a length that was damaged, behind which all that follows would seem cut off, from a record that was. */
function check({ digest }: JournalEnd, letter: string, size: number): Uint8Array {
  return taggedHash('veilmark/journal-head/1', [digest, letter, bigEndian(size, 8)]).subarray(0, 8);
}

function digestOf({ digest }: JournalEnd, letter: string, payload: Uint8Array): Uint8Array {
  return taggedHash('veilmark/journal-record/1', [digest, letter, payload]);
}

function damaged(problem: string): InputError {
  return new InputError({
    code: 'journal.damaged',
    message: `the journal of the session is damaged: ${problem}`,
    hint: 'restore its newest copy; without one the session cannot go on',
  });
}
