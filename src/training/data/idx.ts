import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { type ErrorDetails, InputError, maxSide, type Shape, sizeOf } from '../../base/index.js';
import type { Dataset } from '../dataset.js';

/** Most bytes of one IDX file once unpacked: twice the largest published set of this format (EMNIST by class). */
export const idxLimit = 2 ** 30;

/** An array of unsigned bytes in row-major order. */
export interface IdxArray {
  readonly dimensions: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Unpacks a file if it is gzip, else returns it as it is. A file that unpacks to more than `idxLimit` bytes is refused
 * before it fills the memory. Throws `InputError` `dataset.gzip`; `what` names the file in the message.
 */
export async function unpack(bytes: Uint8Array, what: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return new Uint8Array(await promisify(gunzip)(bytes, { maxOutputLength: idxLimit }));
  } catch (error) {
    throw new InputError({
      code: 'dataset.gzip',
      message: `${what} is damaged gzip (${(error as Error).message})`,
      hint: 'fetch the file again and compare its digest with its publisher’s',
      cause: error,
    });
  }
}

/**
 * Parses an IDX file (the format of MNIST): two zero bytes, the type 8 for unsigned bytes, the number of dimensions, each
 * dimension as 4 big-endian bytes, the data. Throws `InputError` `dataset.idx-magic` for another type, and
 * `dataset.idx-size` unless the file has exactly the bytes that its header says.
 */
export function parseIdx(bytes: Uint8Array, what: string): IdxArray {
  const rank = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8 || rank < 1 || rank > 4) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0'));
    throw new InputError({
      code: 'dataset.idx-magic',
      message: `${what} is no IDX file of bytes: it starts with ${start.join(' ') || 'nothing'}`,
      hint: 'an image file starts with 00 00 08 03, a label file with 00 00 08 01 (after gunzip)',
    });
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw sizeError(what, bytes.length, `a header of ${header}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = header + dimensions.reduce((product, dimension) => product * dimension, 1);
  if (bytes.length !== size)
    throw sizeError(what, bytes.length, `${dimensions.join(' x ')}: ${size}`);
  return { dimensions, data: bytes.subarray(header) };
}

/**
 * Joins an IDX file of images (count × height × width, or × channels) and one of labels, both unpacked. Throws
 * `InputError` as `parseIdx` does, and `dataset.shape` for no image shape, `dataset.count` if the two differ in length
 * or are empty, `dataset.label` for a label that has no class.
 */
export function idxDataset({
  images,
  labels,
  classNames,
  what,
}: {
  images: Uint8Array;
  labels: Uint8Array;
  classNames: readonly string[];
  /** The set's name in messages. */
  what: string;
}): Dataset {
  const imageArray = parseIdx(images, `the image file of ${what}`);
  const labelArray = parseIdx(labels, `the label file of ${what}`);
  const shape = imageShape(imageArray.dimensions, what);
  const count = imageArray.dimensions[0] ?? 0;
  if (labelArray.dimensions.length !== 1 || labelArray.data.length !== count || count === 0) {
    fail({
      code: 'dataset.count',
      message: `${what} has ${count} images and labels of dimensions ${labelArray.dimensions.join(' x ')}`,
      hint: 'there must be one label for each image, and at least one image',
    });
  }
  const bad = labelArray.data.findIndex((label) => label >= classNames.length);
  if (bad >= 0) {
    fail({
      code: 'dataset.label',
      message: `${what}: image ${bad} has the label ${labelArray.data[bad] ?? 0}, but there are only ${classNames.length} classes (counted from 0)`,
    });
  }
  return { shape, classNames, pixels: imageArray.data, labels: Int32Array.from(labelArray.data) };
}

function imageShape(dimensions: readonly number[], what: string): Shape {
  const [, height = 0, width = 0, channels = 1] = dimensions;
  const shape = { height, width, channels };
  const sides = height <= maxSide && width <= maxSide && sizeOf(shape) > 0;
  if (dimensions.length < 3 || !sides || (channels !== 1 && channels !== 3)) {
    fail({
      code: 'dataset.shape',
      message: `the image file of ${what} has dimensions ${dimensions.join(' x ')}`,
      hint: `images are count x height x width, or that x 1 or 3 channels, with sides 1 to ${maxSide}`,
    });
  }
  return shape;
}

function sizeError(what: string, length: number, expected: string): InputError {
  return new InputError({
    code: 'dataset.idx-size',
    message: `${what} has ${length} bytes, where its start asks for ${expected}`,
    hint: 'the file is cut off or damaged: fetch it again',
  });
}

function fail(details: ErrorDetails): never {
  throw new InputError(details);
}
