import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type Static, Type } from 'typebox';

import { canonicalBytes, InputError, parseCanonical } from '../base/index.js';
import { readFileLimited, writeFileAtomic } from '../files/index.js';

const closed = { additionalProperties: false };
const hex = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** `nulls.json` of a folder of null models: what they were trained on, and what each is. */
const NullManifest = Type.Object(
  {
    kind: Type.Literal('veilmark/null-models'),
    version: Type.Literal(1),
    /** Digest of the training images and labels. */
    data: hex,
    models: Type.Array(
      Type.Object(
        {
          /** Its folder beside this file. */
          folder: Type.String({ pattern: '^null-[0-9]{3,4}$' }),
          /** Names it in sessions. */
          model: hex,
          /** Its accuracy on test images, in parts per million. */
          testPpm: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 1000 },
    ),
  },
  closed,
);
export type NullManifest = Static<typeof NullManifest>;

const manifestName = 'nulls.json';

/** The folder of a null model, counted from 0. */
export function nullFolder(folder: string, index: number): string {
  return join(folder, `null-${`${index + 1}`.padStart(3, '0')}`);
}

/** Writes the manifest whole or not at all. Throws `EnvironmentError` `file.write`. */
export async function writeNullManifest(
  folder: string,
  manifest: Omit<NullManifest, 'kind' | 'version'>,
): Promise<void> {
  const value = { kind: 'veilmark/null-models', version: 1, ...manifest } as const;
  await writeFileAtomic(join(folder, manifestName), canonicalBytes(value));
}

/**
 * The model folders that `--null-models` names: each is one itself, or a folder that `judge train-nulls` wrote. Throws `InputError`
 * `nulls.manifest` for a manifest that is none, `file.*`.
 */
export async function modelFolders(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => [] as string[]);
      if (!names.includes(manifestName)) return [folder];
      const bytes = await readFileLimited(join(folder, manifestName), {
        limit: 2 ** 20,
        what: 'list of null models',
      });
      const code = 'nulls.manifest';
      const what = join(folder, manifestName);
      const { models } = parseCanonical({ bytes, schema: NullManifest, what, code });
      return models.map((model) => join(folder, model.folder));
    }),
  );
  return found.flat();
}

/** Refuses a folder that holds something else. Throws `InputError` `nulls.folder`. */
export async function mustHoldNullModels(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const strange = names.find((name) => !/^(nulls\.json|\.?null-\d{3,4}.*)$/.test(name));
  if (strange === undefined) return;
  throw new InputError({
    code: 'nulls.folder',
    message: `${folder} holds ${strange}, which is no null model`,
    hint: 'name a new folder, or one that `judge train-nulls` has begun',
  });
}
