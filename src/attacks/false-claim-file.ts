import { type Static, Type } from 'typebox';

import { canonicalBytes, checkSchema, parseCanonical, printable } from '../base/index.js';
import { readFileLimited, writeFileAtomic } from '../files/index.js';
import type { FalseClaim } from './false-claim.js';
import { decimalText, Measurement } from './record.js';

const closed = { additionalProperties: false };
const Model = Type.Object(
  { name: Type.String({ maxLength: 400, pattern: printable }), measurement: Measurement },
  closed,
);

/** What the dishonest claimant reached, under chosen and under derived labels. */
export const FalseClaims = Type.Object(
  {
    kind: Type.Literal('veilmark/false-claims'),
    version: Type.Literal(1),
    claims: Type.Array(
      Type.Object(
        {
          labels: Type.Union([Type.Literal('chosen'), Type.Literal('derived')]),
          log2Chance: Type.String({ maxLength: 30 }),
          suspect: Model,
          nullModels: Type.Array(Model),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type FalseClaims = Static<typeof FalseClaims>;

/** Name of the file in its folder. */
export const falseClaimFile = 'false-claims.json';
const format = {
  schema: FalseClaims,
  what: 'file of false claims',
  code: 'attack.false-claims',
} as const;

/** Writes the file whole or not at all. Throws `EnvironmentError` `file.write`. */
export async function writeFalseClaims(path: string, claims: readonly FalseClaim[]): Promise<void> {
  const value = {
    kind: 'veilmark/false-claims',
    version: 1,
    claims: claims.map(({ log2Chance, nullModels, ...claim }) => ({
      ...claim,
      log2Chance: decimalText(Math.round(log2Chance * 1000) / 1000),
      nullModels: [...nullModels],
    })),
  };
  await writeFileAtomic(path, canonicalBytes(checkSchema({ ...format, value })));
}

/** Reads the file. Throws `InputError` `file.*`, `attack.false-claims`. */
export async function readFalseClaims(path: string): Promise<FalseClaims> {
  return parseCanonical({
    ...format,
    bytes: await readFileLimited(path, { limit: 2 ** 24, what: 'file of false claims' }),
  });
}
