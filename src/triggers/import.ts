import { resolve } from 'node:path';

import { sha256 } from '@noble/hashes/sha2.js';

import { bytesToHex, type Image, InputError } from '../base/index.js';
import {
  isPictureName,
  listFolder,
  type PictureForm,
  readFileLimited,
  readPictures,
} from '../files/index.js';
import { joinLabels, type TriggerWarning } from './labels.js';

/** Pictures of a folder, in natural order of their names. */
export interface ImportedTriggers {
  readonly names: readonly string[];
  readonly images: readonly Image[];
  /** One an image, where a label file was given. */
  readonly labels?: readonly number[];
  /** What a person should see; nothing in it makes the set unusable by itself. */
  readonly warnings: readonly TriggerWarning[];
}

/**
 * Imports the pictures (PNG, JPEG, WebP, any size) of a folder as trigger images: the first `count`, or all. Labels are
 * joined as `joinLabels` says. Names that start with a dot, and the label file, are skipped. Throws `InputError`
 * `file.folder`, `trigger.stray` for anything else in the folder, `trigger.too-few`, `trigger.duplicate` for two pictures that
 * are the same at this shape, and those of `readPicture` and `joinLabels`.
 */
export async function importTriggers({
  folder,
  form,
  count,
  labelFile,
  classes,
}: {
  folder: string;
  /** What every picture is brought to. */
  form: PictureForm;
  /** How many are needed. */
  count?: number | undefined;
  /** Path of a text file with one integer a line. */
  labelFile?: string | undefined;
  /** Number of classes of the task, which labels must fit. */
  classes?: number | undefined;
}): Promise<ImportedTriggers> {
  const all = await pictureNames(folder, labelFile);
  const joined =
    labelFile === undefined
      ? undefined
      : joinLabels({ text: await readText(labelFile), names: all, classes, what: labelFile });
  if (all.length < (count ?? 1)) {
    throw new InputError({
      code: 'trigger.too-few',
      message: `${folder} has ${all.length} pictures, ${count ?? 1} are needed`,
      hint: 'add pictures (PNG, JPEG or WebP), or ask for fewer triggers',
    });
  }
  const names = all.slice(0, count);
  const images: Image[] = [];
  const paths = names.map((name) => resolve(folder, name));
  await readPictures(paths, { form, use: (picture, i) => (images[i] = picture) });
  refuseDuplicates(images, names);
  return {
    names,
    images,
    ...(joined && { labels: joined.labels.slice(0, count) }),
    warnings: joined?.warnings ?? [],
  };
}

async function pictureNames(folder: string, labelFile: string | undefined): Promise<string[]> {
  const skipped = labelFile === undefined ? undefined : resolve(labelFile);
  const entries = (await listFolder(folder)).filter(
    ({ name }) => resolve(folder, name) !== skipped,
  );
  const stray = entries.find(({ name, isFolder }) => isFolder || !isPictureName(name));
  if (stray !== undefined) {
    throw new InputError({
      code: 'trigger.stray',
      message: `${resolve(folder, stray.name)} lies among the trigger pictures`,
      hint: 'move it away: the folder holds PNG, JPEG or WebP files and nothing else',
    });
  }
  return entries.map(({ name }) => name);
}

async function readText(path: string): Promise<string> {
  const bytes = await readFileLimited(path, { limit: 2 ** 24, what: 'label file' });
  return new TextDecoder().decode(bytes);
}

/** Two equal triggers would count one match twice. */
function refuseDuplicates(images: readonly Image[], names: readonly string[]): void {
  const seen = new Map<string, number>();
  for (const [i, { pixels }] of images.entries()) {
    const key = bytesToHex(sha256(pixels));
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      throw new InputError({
        code: 'trigger.duplicate',
        message: `${names[earlier] ?? ''} and ${names[i] ?? ''} are the same picture at this size`,
        hint: 'keep one of them: every trigger counts once',
      });
    }
    seen.set(key, i);
  }
}
