import { type Static, Type } from 'typebox';

import { printable } from '../base/index.js';

const closed = { additionalProperties: false };
const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Text = Type.String({ maxLength: 400, pattern: printable });
const Count = Type.Integer({ minimum: 0, maximum: 2 ** 50 });
const Positive = Type.Integer({ minimum: 1, maximum: 2 ** 30 });
const decimal = '-?[0-9]{1,25}(\\.[0-9]{1,25})?(e[+-]?[0-9]{1,2})?';

/** JSON of ours holds no floats: a number is decimal text, as `decimalText` writes it. */
const Decimal = Type.String({ pattern: `^${decimal}$` });
const DecimalOrNone = Type.String({ pattern: `^(${decimal})?$` });

/** How many of how many images got their label. */
export const Counts = Type.Object({ correct: Count, total: Positive }, closed);
export type Counts = Static<typeof Counts>;

/** What a judge would say of a model: all batches of hidden triggers would prove the claim, some, or none. */
export const MeasuredVerdict = Type.Union([
  Type.Literal('proved'),
  Type.Literal('partly'),
  Type.Literal('not-proved'),
]);
export type MeasuredVerdict = Static<typeof MeasuredVerdict>;

/** One model, measured. */
export const Measurement = Type.Object(
  {
    test: Counts,
    /** Of all hidden triggers; `batches` has the matches of each batch. */
    triggers: Type.Object(
      { correct: Count, total: Positive, batches: Type.Array(Count, { minItems: 1 }) },
      closed,
    ),
    /** Triggers in a batch. */
    batchSize: Positive,
    /** Matches in a batch that the policy asks for. */
    threshold: Positive,
    /** log2 of the chance of the weakest batch's matches without the mark, before allowances. */
    log2P: Decimal,
    verdict: MeasuredVerdict,
  },
  closed,
);
export type Measurement = Static<typeof Measurement>;

/** The attack at one strength, or in one variant. */
export const AttackPoint = Type.Object(
  {
    label: Text,
    /** Decimal x of a sweep, else empty. */
    value: DecimalOrNone,
    after: Measurement,
    /** The same model with the owner's last layer put back. */
    ownerHead: Type.Optional(Measurement),
  },
  closed,
);
export type AttackPoint = Static<typeof AttackPoint>;

/** How a training run of the attack went. */
export const Curve = Type.Object(
  {
    label: Text,
    epochs: Type.Array(
      Type.Object(
        {
          epoch: Count,
          /** Mean cross-entropy; empty where it was no finite number. */
          loss: DecimalOrNone,
          test: Counts,
          triggers: Counts,
        },
        closed,
      ),
      { maxItems: 10_000 },
    ),
  },
  closed,
);
export type Curve = Static<typeof Curve>;

/** One attack on one marked model: what was done, what it cost, and what it left of accuracy and mark. */
export const AttackRecord = Type.Object(
  {
    kind: Type.Literal('veilmark/attack'),
    version: Type.Literal(1),
    /** Short name of the attack, e.g. `ftal`. */
    attack: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 60 }),
    /** For a person, e.g. `Fine-tune all layers`. */
    title: Text,
    options: Type.Record(Type.String({ pattern: '^[A-Za-z0-9 ._-]{1,60}$' }), Text, closed),
    /** Name of a sweep's x, e.g. `sparsity`; absent where the points are no sweep. */
    axis: Type.Optional(Type.String({ minLength: 1, maxLength: 60, pattern: printable })),
    /** Digest of the attacked model, before the attack. */
    model: Hex32,
    /** Digest of the commitment whose hidden triggers are in the model. */
    commitment: Hex32,
    /** The data of the attack, for a person. */
    data: Text,
    seed: Type.String({ maxLength: 200, pattern: printable }),
    /** What trained it, for a person. */
    backend: Text,
    /**
     * The other task on whose test images the points were measured: `before` is of the first task, so that test accuracies cannot
     * be compared, and nothing succeeds or fails.
     */
    otherTask: Type.Optional(Text),
    before: Measurement,
    points: Type.Array(AttackPoint, { minItems: 1, maxItems: 1000 }),
    curves: Type.Array(Curve, { maxItems: 100 }),
    /** Overwriting: the attacker's own mark. */
    second: Type.Optional(Type.Object({ before: Measurement, after: Measurement }, closed)),
    /** What the whole attack cost: epochs as decimal text, images asked of the model, seconds on the clock. */
    cost: Type.Object({ epochs: Decimal, queries: Count, seconds: Count }, closed),
    notes: Type.Array(Type.String({ maxLength: 2000, pattern: printable }), { maxItems: 100 }),
  },
  closed,
);
export type AttackRecord = Static<typeof AttackRecord>;
