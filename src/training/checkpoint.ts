import { sha256 } from '@noble/hashes/sha2.js';
import { Type, type Static } from 'typebox';

import {
  bigEndian,
  bigEndianToInteger,
  canonicalBytes,
  concatBytes,
  equalBytes,
  InputError,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import { readFileLimited, writeFileAtomic } from '../files/index.js';
import { ArrayHeader, headersOf, packArrays, unpackArrays } from './arrays.js';
import type { EngineState } from './engine.js';
import { differences, RecipeJson, SpecJson } from './options-json.js';

const RunIdentity = Type.Object(
  {
    ...SpecJson.properties,
    ...RecipeJson.properties,
    /** Digest of the task's training images and labels. */
    data: Type.String(),
    /** Digest of the commitment whose hidden triggers are embedded, or `none`. */
    commitment: Type.String(),
    /** Digest of the weights before the first step. */
    initialWeights: Type.String(),
  },
  { additionalProperties: false },
);

/** What a run depends on: going on with anything else would end in the result of neither run. */
export type RunIdentity = Static<typeof RunIdentity>;

export interface Checkpoint {
  readonly run: RunIdentity;
  /** What trained it, for a person: another backend rounds differently. */
  readonly backend: string;
  /** Epochs done. */
  readonly epoch: number;
  readonly state: EngineState;
}

const magic = utf8ToBytes('veilmark/checkpoint/1\n');
const sizeLimit = 2 ** 31;
const code = 'checkpoint.damaged';

const Header = Type.Object(
  {
    run: RunIdentity,
    backend: Type.String({ maxLength: 400 }),
    epoch: Type.Integer({ minimum: 1 }),
    weights: Type.Array(ArrayHeader),
    optimizer: Type.Array(ArrayHeader),
  },
  { additionalProperties: false },
);

/**
 * Bytes of a checkpoint: a line that names the format, 8 bytes of the header's length, the header as canonical JSON,
 * the numbers of weights and optimiser, SHA-256 of all before.
 */
export function encodeCheckpoint({ run, backend, epoch, state }: Checkpoint): Uint8Array {
  const header = canonicalBytes({
    run,
    backend,
    epoch,
    weights: headersOf(state.weights),
    optimizer: headersOf(state.optimizer),
  });
  const body = concatBytes(
    magic,
    bigEndian(header.length, 8),
    header,
    packArrays([...state.weights, ...state.optimizer]),
  );
  return concatBytes(body, sha256(body));
}

/** Whether bytes start as a checkpoint does. */
export function isCheckpoint(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, magic.length), magic);
}

/** Reads a checkpoint's bytes. Throws `InputError` `checkpoint.damaged` for bytes that no writer of ours wrote. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const damaged = (message: string): never => {
    throw new InputError({
      code,
      message: `the checkpoint ${message}`,
      hint: 'train again from the start, or take a copy of the checkpoint if there is one',
    });
  };
  const headerAt = magic.length + 8;
  if (!equalBytes(bytes.subarray(0, magic.length), magic)) damaged('is none of this version');
  const body = bytes.subarray(0, -32);
  if (body.length < headerAt || !equalBytes(sha256(body), bytes.subarray(-32))) {
    damaged('is truncated or changed: its SHA-256 does not fit');
  }
  const length = Number(bigEndianToInteger(body.subarray(magic.length, headerAt)));
  if (length > body.length - headerAt) damaged('has a header longer than the file');
  const header: Static<typeof Header> = parseCanonical({
    bytes: body.subarray(headerAt, headerAt + length),
    schema: Header,
    what: 'checkpoint header',
    code,
  });
  const arrays = unpackArrays(
    [...header.weights, ...header.optimizer],
    body.subarray(headerAt + length),
    { what: 'checkpoint', code },
  );
  return {
    run: header.run,
    backend: header.backend,
    epoch: header.epoch,
    state: {
      weights: arrays.slice(0, header.weights.length),
      optimizer: arrays.slice(header.weights.length),
    },
  };
}

/** Writes a checkpoint whole or not at all. Throws `EnvironmentError` `file.write`. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(path, encodeCheckpoint(checkpoint));
}

/**
 * Reads the checkpoint of exactly this run. Throws `InputError`: `file.missing` and the like, `checkpoint.damaged`, or
 * `checkpoint.other-run`, which names every option, data set or mark that differs.
 */
export async function readCheckpoint(path: string, run: RunIdentity): Promise<Checkpoint> {
  const bytes = await readFileLimited(path, { limit: sizeLimit, what: 'checkpoint' });
  const checkpoint = decodeCheckpoint(bytes);
  const differing = differences(checkpoint.run, run);
  if (differing.length > 0) {
    throw new InputError({
      code: 'checkpoint.other-run',
      message: `${path} is of another run: it differs in ${differing.join('; ')}`,
      hint: 'repeat the command that was stopped with the same options, or train again without --resume',
    });
  }
  return checkpoint;
}
