import { join } from 'node:path';

import { Type } from 'typebox';

import { bytesToHex, checkSchema, concatBytes, InputError } from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { readFileLimited, writeFileAtomic, writeFolderAtomic } from '../files/index.js';
import { fileDigest, type ModelManifest, parseManifest } from './manifest.js';

export const manifestName = 'veilmark.json';
const topologyName = 'model.json';
const weightsName = 'weights.bin';
const limits = { manifest: 2 ** 20, topology: 2 ** 26, weights: 2 ** 31 - 1 };

const fetchAgain = 'take the model folder from its source again';

/** The part of `model.json` (TensorFlow.js formats) that is read here; the topology is TensorFlow's business. */
const ModelJson = Type.Object({
  format: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  modelTopology: Type.Object({}),
  weightsManifest: Type.Array(
    Type.Object({
      paths: Type.Array(Type.String({ pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*$', maxLength: 200 })),
      weights: Type.Array(
        Type.Object({
          name: Type.String(),
          shape: Type.Array(Type.Integer({ minimum: 0 })),
          dtype: Type.String(),
        }),
      ),
    }),
  ),
});

/** A model folder as it lies on the disk, its digests checked. */
export interface ModelFiles {
  /** Absent in a folder that something other than veilmark made. */
  readonly manifest?: ModelManifest;
  /** Digest of the manifest's bytes, or of all files where there is no manifest; hexadecimal. */
  readonly digest: string;
  /** Layers of TensorFlow.js, or a graph that TensorFlow's converter wrote. */
  readonly format: 'layers-model' | 'graph-model';
  readonly topology: object;
  readonly weightSpecs: readonly { name: string; shape: number[]; dtype: string }[];
  readonly weightData: Uint8Array;
}

/**
 * Reads a model folder and checks every byte against the manifest where there is one. Throws `InputError`: `file.*`,
 * `model.manifest`, `model.digest` (a file is truncated or changed), `model.json`.
 */
export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const what = 'model file';
  const topologyBytes = await readFileLimited(join(folder, topologyName), {
    limit: limits.topology,
    what,
  });
  const manifestBytes = await readFileLimited(join(folder, manifestName), {
    limit: limits.manifest,
    what,
  }).catch((error: unknown) => {
    if (error instanceof InputError && error.code === 'file.missing') return undefined;
    throw error;
  });
  const manifest = manifestBytes && readManifest(folder, manifestBytes);
  if (manifest) checkDigest(folder, topologyName, topologyBytes, manifest.files[topologyName]);
  const { format, modelTopology, weightsManifest } = parseModelJson(folder, topologyBytes);
  const shards = await Promise.all(
    weightsManifest
      .flatMap(({ paths }) => paths)
      .map((name) => readFileLimited(join(folder, name), { limit: limits.weights, what })),
  );
  const weightData = concatBytes(...shards);
  if (manifest) checkDigest(folder, weightsName, weightData, manifest.files[weightsName]);
  const digest = manifestBytes
    ? fileDigest(manifestBytes)
    : bytesToHex(taggedHash('veilmark/plain-model/1', [topologyBytes, ...shards]));
  return {
    ...(manifest && { manifest }),
    digest,
    format: format === 'graph-model' ? format : 'layers-model',
    topology: modelTopology,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData,
  };
}

/** The digest that names a model: of its manifest's bytes, or of all its files. Checks them like `readModelFiles`. */
export async function modelDigest(folder: string): Promise<string> {
  return (await readModelFiles(folder)).digest;
}

/**
 * Writes the files of a model as a new folder, whole or not at all: into a temporary folder beside it, which is
 * renamed. Throws `InputError` `file.exists`, `EnvironmentError` `file.write`.
 */
export async function writeModelFiles(
  folder: string,
  files: {
    readonly modelJson: Uint8Array;
    readonly weights: Uint8Array;
    readonly manifest?: Uint8Array;
  },
): Promise<void> {
  await writeFolderAtomic(folder, async (temporary) => {
    await writeFileAtomic(join(temporary, topologyName), files.modelJson);
    await writeFileAtomic(join(temporary, weightsName), files.weights);
    if (files.manifest) await writeFileAtomic(join(temporary, manifestName), files.manifest);
  });
}

/** A manifest with its place in every error. */
function readManifest(folder: string, bytes: Uint8Array): ModelManifest {
  try {
    return parseManifest(bytes);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError({
      code: cause.code,
      message: `${folder}: ${cause.message}`,
      hint:
        cause.hint ??
        'the file was damaged or changed: take the model folder from its source again',
      cause,
    });
  }
}

function checkDigest(folder: string, name: string, bytes: Uint8Array, expected: string): void {
  const found = fileDigest(bytes);
  if (found === expected) return;
  throw new InputError({
    code: 'model.digest',
    message: `${join(folder, name)} was truncated or changed: its SHA-256 is ${found}, ${manifestName} says ${expected}`,
    hint: fetchAgain,
  });
}

function parseModelJson(folder: string, bytes: Uint8Array) {
  const code = 'model.json';
  const what = join(folder, topologyName);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InputError({ code, message: `${what} is not JSON`, hint: fetchAgain, cause });
  }
  return checkSchema({ value, schema: ModelJson, what, code, hint: fetchAgain });
}
