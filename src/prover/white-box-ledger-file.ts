import { type Static, Type } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  InputError,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { OwnerHello } from '../protocol/index.js';

const firstLine = 'veilmark/white-box-ledger/1\n';
const digestTag = 'veilmark/white-box-ledger-digest/1';
/** Length of the line with the digest, and of the line end before it. */
const endLength = 66;
const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const strict = { additionalProperties: false } as const;

const Body = Type.Object(
  {
    commitment: Hex32,
    hellos: Type.Array(Type.Object({ head: Hex32, hello: OwnerHello }, strict)),
    sessions: Type.Array(
      Type.Object(
        {
          batch: Type.Integer({ minimum: 0, maximum: 100_000_000 }),
          challenge: Hex32,
          judge: Hex32,
          network: Hex32,
          point: Type.Union([Type.Literal(''), Hex32]),
          session: Hex32,
        },
        strict,
      ),
    ),
  },
  strict,
);

/** Everything that an owner remembers of the white box sessions of one commitment, but the proofs. */
export type WhiteBoxMemory = Static<typeof Body>;

/** The memory as a file: a first line, canonical JSON, a digest against accidents. */
export function encodeWhiteBoxLedger(memory: WhiteBoxMemory): Uint8Array {
  const body = canonicalBytes(memory);
  const digest = bytesToHex(taggedHash(digestTag, [body]));
  return concatBytes(utf8ToBytes(firstLine), body, utf8ToBytes(`\n${digest}\n`));
}

/** Whether bytes start as the memory of white box sessions does. */
export function isWhiteBoxLedger(file: Uint8Array): boolean {
  return equalBytes(file.subarray(0, firstLine.length), utf8ToBytes(firstLine));
}

/** Reads the file. Throws `InputError` `ledger.format`. */
export function decodeWhiteBoxLedger(file: Uint8Array): WhiteBoxMemory {
  const body = file.subarray(firstLine.length, -endLength);
  const digest = utf8ToBytes(`\n${bytesToHex(taggedHash(digestTag, [body]))}\n`);
  if (!isWhiteBoxLedger(file) || !equalBytes(file.subarray(-endLength), digest)) {
    throw new InputError({
      code: 'ledger.format',
      message: 'the ledger of white box sessions is damaged',
      hint: 'restore its newest copy: with an older one a session could be given a second point',
    });
  }
  const what = 'ledger of white box sessions';
  return parseCanonical({ bytes: body, schema: Body, what, code: 'ledger.format' });
}
