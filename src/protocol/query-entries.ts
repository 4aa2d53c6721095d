import { Type, type Static } from 'typebox';

import { AnswerJson, SuspectDescriptor } from './suspect.js';

const strict = { additionalProperties: false } as const;
const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Hex32OrEmpty = Type.String({ pattern: '^([0-9a-f]{64})?$' });
const Count = Type.Integer({ minimum: 0, maximum: 100_000_000 });
const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });
const Text = (maxLength: number) => Type.String({ maxLength });

/** A body as it travelled: base64 of all of it, or of its first part where it was longer than is kept. */
const BodyJson = Type.Object(
  { bytes: Type.String(), /** SHA-256 of the whole. */ digest: Hex32, length: Count },
  strict,
);

const Headers = Type.Record(Type.String({ pattern: '^.{1,200}$' }), Text(65_536));

/** One HTTP exchange or run of a program, successful or not. */
export const AttemptEntry = Type.Object(
  {
    attempt: Count,
    certificate: Hex32OrEmpty,
    ended: Time,
    failed: Text(80),
    kind: Type.Union([Type.Literal('http'), Type.Literal('process')]),
    method: Text(40),
    request: BodyJson,
    requestHeaders: Headers,
    response: BodyJson,
    responseHeaders: Headers,
    started: Time,
    status: Type.Integer({ minimum: -100_000, maximum: 100_000 }),
    url: Text(10_000),
  },
  strict,
);
export type AttemptEntry = Static<typeof AttemptEntry>;

/**
 * An image that is asked, by its digest (`imageDigest`), and the suspect's class that is right where the judge knows it, for
 * ordinary decoys; else −1.
 */
export const Question = Type.Object(
  {
    image: Hex32,
    kind: Type.Union([
      Type.Literal('trigger'),
      Type.Literal('audited'),
      Type.Literal('ordinary'),
      Type.Literal('abstract'),
    ]),
    label: Type.Integer({ minimum: -1, maximum: 100_000 }),
  },
  strict,
);
export type Question = Static<typeof Question>;

/** Everything that is going to be asked, fixed before the first question; order and repeats follow from `seed`. */
export const Plan = Type.Object(
  {
    /** Triggers in the order of their openings, audited pairs in the order of the commitment file, then decoys. */
    questions: Type.Array(Question),
    /** How many decoys are asked twice; no policy asks for more. */
    repeats: Type.Integer({ minimum: 0, maximum: 10_000 }),
    seed: Hex32,
    /** Id of the session. */
    session: Hex32,
    suspect: SuspectDescriptor,
  },
  strict,
);
export type Plan = Static<typeof Plan>;

const Previous = { previous: Hex32 } as const;

/** One line of a query log. `previous` is the chain's head before it. */
export const QueryEntry = Type.Union([
  Type.Object({ ...Previous, attempt: AttemptEntry, sequence: Count }, strict),
  Type.Object({ ...Previous, plan: Plan }, strict),
  /** What the suspect says of itself, before the first question and after the last; empty where it says nothing. */
  Type.Object({ ...Previous, identity: Text(10_000), at: Time }, strict),
  /** The answers to the next questions of the order, decoded. */
  Type.Object({ ...Previous, answers: Type.Array(AnswerJson, { minItems: 1 }), at: Time }, strict),
]);
export type QueryEntry = Static<typeof QueryEntry>;

type WithoutPrevious<T> = T extends unknown ? Omit<T, 'previous'> : never;

/** A line before it is chained; the log numbers attempts itself. */
export type NewEntry =
  Exclude<WithoutPrevious<QueryEntry>, { attempt: unknown }> | { readonly attempt: AttemptEntry };
