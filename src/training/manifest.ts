import { sha256 } from '@noble/hashes/sha2.js';
import { Type, type Static } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  InputError,
  parseCanonical,
  printable,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { RecipeJson, SpecJson } from './options-json.js';

const hex = Type.String({ pattern: '^[0-9a-f]{64}$' });
const text = Type.String({ maxLength: 400, pattern: printable });
const closed = { additionalProperties: false };

/** `veilmark.json` of a model folder: what the model is, how it was made, and the digests of the files beside it. */
export const ModelManifest = Type.Object(
  {
    kind: Type.Literal('veilmark/model'),
    version: Type.Literal(1),
    spec: SpecJson,
    /** In the order of the labels. */
    classNames: Type.Array(text),
    recipe: RecipeJson,
    /** What trained it, for a person. */
    backend: text,
    /** Version of each package that had a part in it. */
    packages: Type.Record(Type.String(), text),
    /** Digest of the weights before training. */
    initialWeights: hex,
    /** Digest of the task's training images and labels. */
    data: hex,
    /** Digest of the commitment whose hidden triggers are in the model; absent for an unmarked model. */
    commitment: Type.Optional(hex),
    /** In parts per million. */
    accuracy: Type.Object(
      {
        test: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
        triggers: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
      },
      closed,
    ),
    files: Type.Object({ 'model.json': hex, 'weights.bin': hex }, closed),
    /** SHA-256 over the canonical JSON of all other fields. */
    digest: hex,
  },
  closed,
);
export type ModelManifest = Static<typeof ModelManifest>;

/** SHA-256 of a file's bytes, in hexadecimal. */
export function fileDigest(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** Adds the digest and gives the bytes of the manifest. */
export function encodeManifest(rest: Omit<ModelManifest, 'digest'>): Uint8Array {
  return canonicalBytes({ ...rest, digest: restDigest(rest) });
}

/** Reads a manifest. Throws `InputError` `model.manifest` for anything that `encodeManifest` did not write. */
export function parseManifest(bytes: Uint8Array): ModelManifest {
  const code = 'model.manifest';
  const manifest = parseCanonical({ bytes, schema: ModelManifest, what: 'veilmark.json', code });
  const { digest, ...rest } = manifest;
  if (digest !== restDigest(rest)) {
    throw new InputError({
      code,
      message: 'veilmark.json was changed: its digest does not fit its content',
      hint: 'take the model folder from its source again',
    });
  }
  return manifest;
}

function restDigest(rest: Omit<ModelManifest, 'digest'>): string {
  return bytesToHex(taggedHash('veilmark/model-manifest/1', [canonicalBytes(rest)]));
}
