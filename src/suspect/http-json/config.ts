import { sha256 } from '@noble/hashes/sha2.js';
import { Type, type Static } from 'typebox';

import { bytesToHex, checkSchema, InputError, printable } from '../../base/index.js';
import { mostEnlargement } from '../image-encoding.js';
import { isTooDeep } from '../json-depth.js';
import { hasEach, imageForms } from './template.js';

const strict = { additionalProperties: false } as const;
const Pointer = Type.String({ maxLength: 1000 });
const Text = Type.String({ maxLength: 4000, pattern: printable });

/** A text, or a secret: the value of an environment variable, which stands in no file and no record. */
const Value = Type.Union([
  Text,
  Type.Object(
    {
      env: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,99}$' }),
      /** Before the variable's value, e.g. `Bearer `. */
      prefix: Type.Optional(Text),
    },
    strict,
  ),
]);
export type HttpValue = Static<typeof Value>;

const Values = (names: string) => Type.Record(Type.String({ pattern: names }), Value, strict);

/** Settings of the generic HTTP adapter, as their file holds them (docs/suspects.md). */
const HttpJsonFile = Type.Object(
  {
    url: Type.String({ maxLength: 200 }),
    method: Type.Optional(Type.Union([Type.Literal('POST'), Type.Literal('PUT')])),
    query: Type.Optional(Values('^[\\w.~-]{1,100}$')),
    headers: Type.Optional(Values("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")),
    /** A template: JSON in which `{"$image": FORM}` and `{"$images": TEMPLATE}` stand for images. */
    body: Type.Optional(Type.Unknown()),
    /** A form with the image as a PNG file. */
    multipart: Type.Optional(
      Type.Object(
        {
          file: Type.String({ pattern: '^[\\w.-]{1,100}$' }),
          fields: Type.Optional(
            Type.Record(Type.String({ pattern: '^[\\w.-]{1,100}$' }), Text, strict),
          ),
        },
        strict,
      ),
    ),
    /** The body is the PNG and nothing else. */
    raw: Type.Optional(Type.Literal('png')),
    /** Factor by which a PNG is enlarged. */
    enlarge: Type.Optional(Type.Integer({ minimum: 1, maximum: mostEnlargement })),
    layout: Type.Optional(Type.Union([Type.Literal('hwc'), Type.Literal('chw')])),
    normalise: Type.Optional(
      Type.Object(
        {
          mean: Type.Array(Type.Number(), { minItems: 1, maxItems: 3 }),
          std: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, maxItems: 3 }),
        },
        strict,
      ),
    ),
    /** Most images of a request. */
    batch: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** Names of the suspect's classes, in order; those of the commitment where there are none. */
    classes: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        minItems: 2,
        maxItems: 100_000,
        uniqueItems: true,
      }),
    ),
    /** The number that stands for the first class, where the answer is a number. */
    firstLabel: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    answer: Type.Object(
      {
        /** A list with one member an image, in which the others are looked up. */
        items: Type.Optional(Pointer),
        label: Type.Optional(Pointer),
        scores: Type.Optional(Pointer),
        ranked: Type.Optional(
          Type.Object({ list: Pointer, label: Pointer, score: Pointer }, strict),
        ),
      },
      strict,
    ),
  },
  strict,
);

/** Checked settings. */
export type HttpJsonConfig = Static<typeof HttpJsonFile> & {
  /** SHA-256 of the file, in hexadecimal. */
  readonly digest: string;
};

/**
 * Reads the settings of the generic HTTP adapter. Throws `InputError` `suspect.config`, naming every field that does not
 * fit.
 */
export function parseHttpJson(bytes: Uint8Array): HttpJsonConfig {
  const refuse = (message: string, hint = seeDocumentation): never => {
    throw new InputError({
      code: 'suspect.config',
      message: `endpoint settings: ${message}`,
      hint,
    });
  };
  if (isTooDeep(bytes)) refuse('brackets are nested too deep');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    refuse(`not JSON (${(error as Error).message})`);
  }
  const what = 'endpoint settings';
  const hint = seeDocumentation;
  const file = checkSchema({ value, schema: HttpJsonFile, what, code: 'suspect.config', hint });
  const { body, multipart, raw, answer, batch = 1 } = file;
  if ([body, multipart, raw].filter((form) => form !== undefined).length !== 1) {
    refuse('exactly one of body, multipart and raw is needed');
  }
  const ways = [answer.label, answer.scores, answer.ranked].filter((way) => way !== undefined);
  if (ways.length !== 1) refuse('answer needs exactly one of label, scores and ranked');
  const many = body !== undefined && hasEach(body);
  if (batch > 1 && !many) {
    refuse(`batch is ${batch}, and the body has no {"$images": …} that would hold several images`);
  }
  if (many && answer.items === undefined) {
    refuse('a body with {"$images": …} needs answer.items, the list with one member an image');
  }
  const { normalise } = file;
  if (normalise && normalise.mean.length !== normalise.std.length) {
    refuse('normalise has another number of means than of deviations');
  }
  return { ...file, digest: bytesToHex(sha256(bytes)) };
}

const seeDocumentation = `docs/suspects.md has three examples; images are ${imageForms.join(', ')}`;
