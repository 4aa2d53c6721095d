import { Type, type Static } from 'typebox';

import { EvidenceError, fromBase64, image, type Image, toBase64 } from '../base/index.js';
import { fieldFromHex, fieldToHex } from '../crypto/index.js';
import { labelCommitment, triggerCommitment } from './hashing.js';
import { deriveLabel, isLabel } from './labels.js';
import { classCount, type Parameters } from './parameters.js';

/** Everything that opens one pair. */
export interface Opening {
  readonly index: number;
  readonly image: Image;
  readonly natural: number;
  readonly r: bigint;
  /** In chosen mode only: the label and its blinding s. */
  readonly chosen?: { readonly label: number; readonly s: bigint };
}

const FieldHex = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** The JSON form of an opening. */
export const OpeningJson = Type.Object(
  {
    image: Type.String(),
    index: Type.Integer({ minimum: 0 }),
    label: Type.Optional(Type.Integer({ minimum: 0 })),
    natural: Type.Integer({ minimum: 0 }),
    r: FieldHex,
    s: Type.Optional(FieldHex),
  },
  { additionalProperties: false },
);
export type OpeningJson = Static<typeof OpeningJson>;

export function openingToJson(opening: Opening): OpeningJson {
  const { chosen } = opening;
  return {
    image: toBase64(opening.image.pixels),
    index: opening.index,
    natural: opening.natural,
    r: fieldToHex(opening.r),
    ...(chosen && { label: chosen.label, s: fieldToHex(chosen.s) }),
  };
}

/** Throws `InputError` (`image.size`, `encoding.*`) or `EvidenceError` `opening.mode` when fields do not fit. */
export function openingFromJson(json: OpeningJson, parameters: Parameters): Opening {
  const { label, s } = json;
  if (
    (label === undefined) !== (s === undefined) ||
    (s === undefined) !== (parameters.labelMode === 'derived')
  ) {
    throw new EvidenceError({
      code: 'opening.mode',
      message: `the opening of pair ${json.index} does not fit the label mode ${parameters.labelMode}`,
    });
  }
  return {
    index: json.index,
    image: image(parameters.shape, fromBase64(json.image)),
    natural: json.natural,
    r: fieldFromHex(json.r),
    ...(label !== undefined && s !== undefined && { chosen: { label, s: fieldFromHex(s) } }),
  };
}

/** What an opening is checked against. */
export interface OpeningContext {
  readonly parameters: Parameters;
  readonly triggers: readonly bigint[];
  readonly labels: readonly bigint[];
  readonly labelSeed: bigint;
}

/** Checks that the image and randomness open cT. Throws `EvidenceError` `opening.natural` or `opening.trigger`. */
export function checkTriggerOpening(context: OpeningContext, opening: Opening): void {
  const { parameters, triggers } = context;
  const classes = classCount(parameters);
  const { index, natural } = opening;
  if (parameters.natural === 'none' ? natural !== classes : natural > classes) {
    throw new EvidenceError({
      code: 'opening.natural',
      message: `pair ${index} states the natural class ${natural}, which the commitment rules out`,
    });
  }
  if (triggerCommitment(opening) !== triggers[index]) {
    throw new EvidenceError({
      code: 'opening.trigger',
      message: `the image of pair ${index} is not the committed one`,
    });
  }
}

/**
 * The label of an opened pair, checked against cL. Throws `EvidenceError` `opening.label`, or `opening.natural` when a
 * chosen label is the natural class (the paper's first condition, T_L(t) ≠ f(t)).
 */
export function openLabel(context: OpeningContext, opening: Opening): number {
  const { parameters, labels, labelSeed } = context;
  const { index, natural, r, chosen } = opening;
  const classes = classCount(parameters);
  const derived = chosen ?? deriveLabel({ seed: labelSeed, index, r, natural, classes });
  const blinding = 'u' in derived ? derived.u : derived.s;
  const { label } = derived;
  if (label === natural) {
    throw new EvidenceError({
      code: 'opening.natural',
      message: `the label of pair ${index} is the class that its image has anyway`,
    });
  }
  if (!isLabel(parameters, label) || labelCommitment(label, blinding) !== labels[index]) {
    throw new EvidenceError({
      code: 'opening.label',
      message: `the label of pair ${index} is not the committed one`,
    });
  }
  return label;
}
