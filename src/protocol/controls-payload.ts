import { Type, type Static } from 'typebox';

import { AnswerJson } from './suspect.js';

const strict = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0, maximum: 100_000_000 });

/** How many of some answers have a property. */
const Share = Type.Object({ of: Count, with: Count }, strict);

/**
 * What a judge counts to see whether the suspect answers like a model. Only first askings count as decoys; a half is one of
 * the order of all questions.
 */
export const Controls = Type.Object(
  {
    /** Right ones among the answers to ordinary decoys whose class the judge knows; refusals are left out. */
    accuracy: Type.Object({ first: Share, second: Share }, strict),
    /** The suspect's answers to the audited pairs, in the order of the commitment file, before the label map. */
    audited: Type.Array(AnswerJson, { maxItems: 100_000 }),
    /** Whether the suspect described itself at the end as at the beginning; `unknown` where it does not describe itself. */
    identity: Type.Union([Type.Literal('same'), Type.Literal('changed'), Type.Literal('unknown')]),
    /** Decoys asked twice and answered alike: both times in one half, or once in each. */
    repeats: Type.Object(
      {
        across: Share,
        /** Decoys asked twice that were refused at least once. */
        refused: Count,
        within: Share,
      },
      strict,
    ),
  },
  strict,
);
export type Controls = Static<typeof Controls>;

export type Share = Static<typeof Share>;
