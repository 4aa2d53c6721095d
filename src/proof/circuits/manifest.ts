import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { type Static, Type } from 'typebox';

import { checkSchema, EvidenceError, InputError } from '../../base/index.js';
import { packagePath, readFileLimited } from '../../files/index.js';
import type { Instance } from './instances.js';

const Digest = Type.String({ pattern: '^[0-9a-f]{128}$' });
const Count = Type.Integer({ minimum: 0 });

/** What the project pins of its circuits: `keys/manifest.json`. Digests are SHA-512 of files, in hexadecimal. */
export const CircuitManifest = Type.Object(
  {
    circuits: Type.Record(
      Type.String(),
      Type.Object(
        {
          constraints: Count,
          /** The development key from the fixed seed, which any machine makes alike. */
          devKey: Type.Optional(
            Type.Object(
              { key: Type.String({ pattern: '^[0-9a-f]{64}$' }), zkey: Digest },
              { additionalProperties: false },
            ),
          ),
          publics: Count,
          r1cs: Digest,
          signals: Count,
          wasm: Digest,
        },
        { additionalProperties: false },
      ),
    ),
    compiler: Type.String(),
    flags: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type CircuitManifest = Static<typeof CircuitManifest>;

export const manifestPath = packagePath('keys', 'manifest.json');

/** Reads `keys/manifest.json`. Throws `InputError` `file.missing`, `circuit.manifest`. */
export async function readCircuitManifest(): Promise<CircuitManifest> {
  const what = 'manifest of circuits';
  const bytes = await readFileLimited(manifestPath, { limit: 2 ** 22, what });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    value = undefined;
  }
  return checkSchema({ value, schema: CircuitManifest, what, code: 'circuit.manifest' });
}

/** A compiled circuit: the program that computes witnesses and the constraints. */
export interface CompiledCircuit {
  readonly instance: Instance;
  readonly wasm: string;
  readonly r1cs: string;
  /** SHA-512 of the r1cs file. */
  readonly digest: Uint8Array;
}

/**
 * The compiled files of an instance, checked against what the project pins. Throws `InputError` `circuit.missing` where it
 * was not compiled, `EvidenceError` `circuit.pinned` where a file is another than the pinned one.
 */
export async function openCircuit(instance: Instance): Promise<CompiledCircuit> {
  const { circuits } = await readCircuitManifest();
  const pinned = circuits[instance.name];
  if (!pinned) throw notCompiled(instance);
  const [wasm, r1cs] = ['wasm', 'r1cs'].map((kind) =>
    packagePath('circuits', 'build', `${instance.name}.${kind}`),
  ) as [string, string];
  for (const [path, digest] of [
    [wasm, pinned.wasm],
    [r1cs, pinned.r1cs],
  ] as const) {
    const found = await fileDigest(path).catch(() => undefined);
    if (found === undefined) throw notCompiled(instance);
    if (Buffer.from(found).toString('hex') === digest) continue;
    throw new EvidenceError({
      code: 'circuit.pinned',
      message: `${path} is not the file that keys/manifest.json pins: the circuit was changed or compiled otherwise`,
      hint: 'compile the circuits again (npm run circuits); keys made for another circuit must be made again',
    });
  }
  return { instance, wasm, r1cs, digest: Buffer.from(pinned.r1cs, 'hex') };
}

/** SHA-512 of a file. */
export async function fileDigest(path: string): Promise<Uint8Array> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return new Uint8Array(hash.digest());
}

function notCompiled({ name }: Instance): InputError {
  return new InputError({
    code: 'circuit.missing',
    message: `the circuit ${name} has not been compiled`,
    hint: `run in the project’s folder: npm run circuits -- ${name}`,
  });
}
