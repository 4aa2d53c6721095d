import { Type, type Static } from 'typebox';

import { canonicalJson, formatShape, InputError, parseShape, type Json } from '../base/index.js';
import type { Augmentation } from './augment.js';
import type { ModelSpec, OptimizerSpec } from './engine.js';
import type { TrainOptions } from './options.js';
import type { Schedule } from './schedule.js';

const closed = { additionalProperties: false };

/** JSON of ours holds no floats: a number is the shortest decimal text that reads back the same. */
const Decimal = Type.String({ pattern: '^-?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?$', maxLength: 30 });

/** A model's specification as JSON. */
export const SpecJson = Type.Object(
  {
    architecture: Type.String({ maxLength: 100 }),
    /** `28x28x1` */
    shape: Type.String({ maxLength: 20 }),
    classes: Type.Integer({ minimum: 2, maximum: 100_000 }),
    mean: Type.Array(Decimal, { maxItems: 3 }),
    std: Type.Array(Decimal, { maxItems: 3 }),
  },
  closed,
);
export type SpecJson = Static<typeof SpecJson>;

/** The other training options as JSON. */
export const RecipeJson = Type.Object(
  {
    /** Where the other members come from: the name of a recipe, or `none`. */
    preset: Type.String({ maxLength: 60 }),
    optimizer: Type.Record(Type.String(), Type.String()),
    schedule: Type.Record(Type.String(), Type.String()),
    epochs: Type.Integer(),
    batchSize: Type.Integer(),
    triggersPerBatch: Type.Integer(),
    /** `none`, or `pad N` and, where images are mirrored, `flip`. */
    augmentation: Type.String({ maxLength: 40 }),
    labelSmoothing: Decimal,
    trainable: Type.Union([Type.Literal('all'), Type.Literal('head')]),
    keepZeros: Type.Boolean(),
    seed: Type.String({ maxLength: 200 }),
  },
  closed,
);
export type RecipeJson = Static<typeof RecipeJson>;

export function specToJson({ architecture, shape, classes, preprocessing }: ModelSpec): SpecJson {
  const { mean, std } = preprocessing;
  const [means, stds] = [mean.map(String), std.map(String)];
  return { architecture, shape: formatShape(shape), classes, mean: means, std: stds };
}

/** Throws `InputError` `image.shape`. */
export function specFromJson({ architecture, shape, classes, mean, std }: SpecJson): ModelSpec {
  const preprocessing = { mean: mean.map(Number), std: std.map(Number) };
  return { architecture, shape: parseShape(shape), classes, preprocessing };
}

export function recipeToJson(options: TrainOptions): RecipeJson {
  const { epochs, batchSize, triggersPerBatch, seed, augmentation } = options;
  const { labelSmoothing = 0, trainable = 'all', keepZeros = false } = options;
  return {
    preset: options.preset ?? 'none',
    optimizer: textMembers(options.optimizer),
    schedule: textMembers(options.schedule),
    epochs,
    batchSize,
    triggersPerBatch,
    augmentation: augmentation
      ? `pad ${augmentation.pad}${augmentation.flip ? ' flip' : ''}`
      : 'none',
    labelSmoothing: String(labelSmoothing),
    trainable,
    keepZeros,
    seed,
  };
}

/** What `RecipeJson` says of augmentation. Throws `InputError` `training.options` for another text. */
export function augmentationFromText(text: string): Augmentation | undefined {
  if (text === 'none') return undefined;
  const [, pad, flip] = /^pad ([0-9]{1,4})( flip)?$/.exec(text) ?? [];
  if (pad === undefined) {
    throw new InputError({
      code: 'training.options',
      message: `${JSON.stringify(text.slice(0, 40))} is no augmentation`,
    });
  }
  return { pad: Number(pad), flip: flip !== undefined };
}

/** The fields in which two objects differ, each with both values, for a message. */
export function differences(
  before: Readonly<Record<string, Json>>,
  now: Readonly<Record<string, Json>>,
): string[] {
  const text = (value: Json | undefined): string =>
    value === undefined ? 'none' : canonicalJson(value);
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((field) => text(before[field]) !== text(now[field]))
    .map((field) => `${field} (${text(before[field])} before, ${text(now[field])} now)`);
}

function textMembers(value: OptimizerSpec | Schedule): Record<string, string> {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, String(member)]));
}
