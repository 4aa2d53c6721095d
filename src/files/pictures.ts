import type { Image } from '../base/index.js';
import { forEachIndex } from './concurrent.js';
import { type PictureForm, readPicture } from './picture.js';

/** Pictures decoded or scaled at a time: enough to keep the library's threads busy. */
export const picturesAtOnce = 16;

/** Reads many picture files, each as `readPicture` does, and hands each to `use` with its position. */
export async function readPictures(
  paths: readonly string[],
  { form, use }: { form: PictureForm; use: (picture: Image, index: number) => void },
): Promise<void> {
  await forEachIndex(paths.length, {
    atOnce: picturesAtOnce,
    task: async (index) => {
      use(await readPicture(paths[index] ?? '', form), index);
    },
  });
}
