import { Type, type Static } from 'typebox';

import { type Image, type Json, printable } from '../base/index.js';

/** What the judge says about the suspect before the first question, bound by the first message of the session. */
export const SuspectDescriptor = Type.Object(
  {
    /** How it is asked, e.g. `tfjs` or `open-inference`. */
    kind: Type.String({ minLength: 1, maxLength: 40, pattern: printable }),
    /** A file's digest in hexadecimal, or a URL and model name. */
    identity: Type.String({ minLength: 1, maxLength: 400, pattern: printable }),
    /** `28x28x1`. */
    shape: Type.String({ maxLength: 20 }),
    classes: Type.Integer({ minimum: 2, maximum: 100_000 }),
    /** What is done to the bytes of an image before the suspect sees them, in words. */
    preprocessing: Type.String({ maxLength: 400, pattern: printable }),
    /** SHA-256 over all that determines what the suspect is sent and how its answers are read (docs/suspects.md). */
    digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
);
export type SuspectDescriptor = Static<typeof SuspectDescriptor>;

const strict = { additionalProperties: false } as const;

export const AnswerJson = Type.Union([
  Type.Object({ label: Type.Integer({ minimum: 0, maximum: 100_000_000 }) }, strict),
  Type.Object({ refused: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,79}$' }) }, strict),
]);

/** A suspect's answer to one image: a class, or the stable code of why there is none. */
export type Answer = Readonly<Static<typeof AnswerJson>>;

/** A model in dispute: a file, or somebody's API. */
export interface Suspect {
  readonly descriptor: SuspectDescriptor;
  /** What the descriptor's digest covers beside the descriptor itself. */
  readonly settings?: Json;
  /** One answer an image, in order. A suspect that misbehaves refuses; it never throws in mid-session. */
  classify(images: readonly Image[], signal?: AbortSignal): Promise<Answer[]>;
  /** Images that it takes in one request: a caller that asks so many at once loses the fewest answers by a crash. */
  readonly batchSize?: number;
  /**
   * What it says of itself at this moment, such as the versions of its model, for comparison with later; nothing where it
   * says nothing. Never throws.
   */
  identify?(signal?: AbortSignal): Promise<string | undefined>;
  close(): Promise<void>;
}
