import { type Static, Type } from 'typebox';

/** The payloads of the messages that only white box sessions have. Canonical JSON on the wire. */
const strict = { additionalProperties: false } as const;
const Hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
const Count = Type.Integer({ minimum: 0, maximum: 100_000_000 });
const KeyFile = Type.String({ maxLength: 2 ** 20 });
/** Most blocks and triggers of a session. */
const maxItems = 20_000;

/** What a judge says of the integer network, bound by the first message. */
export const WhiteBoxHello = Type.Object(
  {
    /** On how many of the judge's own images the network and the float model agree. */
    fidelity: Type.Object({ agreed: Count, asked: Count }, strict),
    /** The verification key files that the policy pins, base64; `fold` is empty where the network needs none. */
    keys: Type.Object(
      { classification: KeyFile, fold: KeyFile, neurons: KeyFile, threshold: KeyFile },
      strict,
    ),
    /** Digest of the integer network's file. */
    network: Hex(32),
  },
  strict,
);
export type WhiteBoxHello = Static<typeof WhiteBoxHello>;

/** Salted digests of all neurons and logits, before the point is known. */
export const Digests = Type.Object(
  {
    triggers: Type.Array(
      Type.Object(
        { index: Count, logits: Hex(32), neurons: Type.Array(Hex(32), { maxItems }) },
        strict,
      ),
      { maxItems },
    ),
  },
  strict,
);
export type Digests = Static<typeof Digests>;

/** The judge's coins that, with everything said before, give the random point. */
export const PointMessage = Type.Object({ coins: Hex(32) }, strict);
export type PointMessage = Static<typeof PointMessage>;

const SumProof = Type.Object({ proof: Hex(256), sum: Hex(32) }, strict);

export const Proofs = Type.Object(
  {
    threshold: Hex(256),
    triggers: Type.Array(
      Type.Object(
        {
          blocks: Type.Array(SumProof, { maxItems }),
          folds: Type.Array(SumProof, { maxItems }),
          index: Count,
          /** Commitment to the match bit. */
          match: Hex(32),
          /** Of the circuit `classification`. */
          proof: Hex(256),
        },
        strict,
      ),
      { maxItems },
    ),
  },
  strict,
);
export type Proofs = Static<typeof Proofs>;

/** The owner's word that the threshold is not reached, or will not be proven. */
export const Decline = Type.Object({ declines: Type.Literal(true) }, strict);
export type Decline = Static<typeof Decline>;

export const WhiteBoxDecision = Type.Object(
  {
    /** Triggers of the batch. */
    batch: Count,
    /** Exact chance of at least `threshold` matches, before allowances: numerator and denominator in decimal. */
    pValue: Type.Array(Type.String({ pattern: '^(0|[1-9][0-9]*)$', maxLength: 200_000 }), {
      minItems: 2,
      maxItems: 2,
    }),
    /** T: at least so many matches are proven where the verdict is `proved`. */
    threshold: Count,
    verdict: Type.Union([Type.Literal('proved'), Type.Literal('not-proved')]),
  },
  strict,
);
export type WhiteBoxDecision = Static<typeof WhiteBoxDecision>;

/** The judge's verdict of a white box session. */
export const Conclusion = Type.Object(
  {
    decision: WhiteBoxDecision,
    finished: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' }),
  },
  strict,
);
export type Conclusion = Static<typeof Conclusion>;
