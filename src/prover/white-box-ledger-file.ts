import { type Static, Type } from 'typebox';

import { OwnerHello } from '../protocol/index.js';
import { decodeChecked, encodeChecked, isChecked } from './checked-json.js';

const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const strict = { additionalProperties: false } as const;

/** A white box session as files keep it. */
export const WhiteBoxSessionJson = Type.Object(
  {
    batch: Type.Integer({ minimum: 0, maximum: 100_000_000 }),
    challenge: Hex32,
    judge: Hex32,
    network: Hex32,
    point: Type.Union([Type.Literal(''), Hex32]),
    session: Hex32,
  },
  strict,
);

const Body = Type.Object(
  {
    commitment: Hex32,
    hellos: Type.Array(Type.Object({ head: Hex32, hello: OwnerHello }, strict)),
    sessions: Type.Array(WhiteBoxSessionJson),
  },
  strict,
);

const memoryFile = {
  firstLine: 'veilmark/white-box-ledger/1\n',
  digestTag: 'veilmark/white-box-ledger-digest/1',
  schema: Body,
  what: 'ledger of white box sessions',
  code: 'ledger.format',
  hint: 'restore its newest copy: with an older one a session could be given a second point',
} as const;

/** Everything that an owner remembers of the white box sessions of one commitment, but the proofs. */
export type WhiteBoxMemory = Static<typeof Body>;

/** The memory as a file: a first line, canonical JSON, a digest against accidents. */
export function encodeWhiteBoxLedger(memory: WhiteBoxMemory): Uint8Array {
  return encodeChecked(memoryFile, memory);
}

/** Whether bytes start as the memory of white box sessions does. */
export function isWhiteBoxLedger(file: Uint8Array): boolean {
  return isChecked(memoryFile, file);
}

/** Reads the file. Throws `InputError` `ledger.format`. */
export function decodeWhiteBoxLedger(file: Uint8Array): WhiteBoxMemory {
  return decodeChecked(memoryFile, file);
}
