import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { formatShape, InputError, type Shape, sizeOf } from '../../base/index.js';
import { checkedFolder, type CheckedFolder } from './checked-folder.js';

/** Most bytes of one binary file: the largest published one, of STL-10's test pictures, has 221,184,000. */
const fileLimit = 2 ** 28;

/**
 * Opens the folder of a published set where it was unpacked: `path` itself, or the folder `inner` in it that the publisher's
 * archive makes. Throws `InputError` as `checkedFolder` does.
 */
export async function openBinaryFolder(path: string, inner: string): Promise<CheckedFolder> {
  const found = await stat(join(path, inner)).catch(() => undefined);
  return checkedFolder(found?.isDirectory() ? join(path, inner) : path);
}

/**
 * Reads a file that is one record after another. Throws `InputError` `dataset.missing`, `dataset.size` unless it is one or
 * more whole records, and those of `CheckedFolder`.
 */
export async function readRecords(
  folder: CheckedFolder,
  { name, recordBytes }: { name: string; recordBytes: number },
): Promise<Uint8Array> {
  const bytes = await folder.read(name, fileLimit);
  if (bytes === undefined) {
    throw new InputError({
      code: 'dataset.missing',
      message: `${folder.path} has no file ${name}`,
      hint: 'fetch the binary version of the data set and unpack it there',
    });
  }
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new InputError({
      code: 'dataset.size',
      message: `${join(folder.path, name)} has ${bytes.length} bytes, no whole number of records of ${recordBytes}`,
      hint: 'the file is cut off, or of another data set: fetch it again',
    });
  }
  return bytes;
}

/**
 * Turns a picture of one plane a channel into row-major height × width × channels. A plane holds its pixels by rows or by
 * columns; `planes` and `pixels` have the bytes of one image of the shape.
 */
export function interleave({
  planes,
  pixels,
  shape,
  order,
}: {
  planes: Uint8Array;
  pixels: Uint8Array;
  shape: Shape;
  order: 'rows' | 'columns';
}): void {
  const { height, width, channels } = shape;
  if (planes.length !== sizeOf(shape) || pixels.length !== sizeOf(shape)) {
    throw new RangeError(`not the bytes of one image of ${formatShape(shape)}`);
  }
  const [down, right] = order === 'rows' ? [width, 1] : [1, height];
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * down + x * right;
      for (let c = 0; c < channels; c++) pixels[to++] = planes[from + c * height * width] ?? 0;
    }
  }
}
