import type { Sharp } from 'sharp';

import {
  formatShape,
  type Image,
  image,
  InputError,
  sameShape,
  type Shape,
} from '../base/index.js';
import { readFileLimited, writeFileAtomic } from './atomic.js';

/**
 * How a picture of another size comes to the wanted one: `resize` stretches it, `crop` scales it until it covers the
 * size and takes the centre, `exact` refuses it.
 */
export type Fit = 'resize' | 'crop' | 'exact';

/** The size and colours to bring a picture to. */
export interface PictureForm {
  readonly shape: Shape;
  readonly fit: Fit;
}

/**
 * Largest file in bytes, most pixels and longest side (before scaling) of a picture that veilmark decodes. A WebP of a few
 * kilobytes takes seven bytes a pixel while it is decoded.
 */
export const pictureLimits = { bytes: 2 ** 26, pixels: 2 ** 25, side: 2 ** 16 } as const;

const formats = ['png', 'jpeg', 'webp'];

/** Whether a file name says PNG, JPEG or WebP. */
export function isPictureName(name: string): boolean {
  return /\.(png|jpe?g|webp)$/i.test(name);
}

/** Reads a picture file into an image; see `decodePicture`. */
export async function readPicture(path: string, form: PictureForm): Promise<Image> {
  const bytes = await readFileLimited(path, { limit: pictureLimits.bytes, what: 'picture' });
  return decodePicture(bytes, { ...form, what: path });
}

/**
 * Decodes PNG, JPEG or WebP to an image of a shape: the first frame, turned as EXIF says, on white where it is
 * transparent, in sRGB or, for one channel, its luminance. Throws `InputError` `picture.unreadable` for damaged or foreign
 * bytes, `picture.format` for another format, `picture.size` for too many pixels, `picture.shape` for another size where
 * `fit` is `exact`.
 */
export async function decodePicture(
  bytes: Uint8Array,
  { shape, fit, what }: PictureForm & { /** The picture's name in messages. */ what: string },
): Promise<Image> {
  const sharp = await loadSharp();
  try {
    // The limits are checked below, on the header and before anything is decoded, for a clearer error than the library's.
    const input = sharp(bytes, { limitInputPixels: false, failOn: 'error' });
    const { format, autoOrient: size } = await input.metadata();
    if (!formats.includes(format)) throw formatError(what, format);
    if (Math.max(size.width, size.height) > pictureLimits.side) throw tooLarge(what, size);
    if (size.width * size.height > pictureLimits.pixels) throw tooLarge(what, size);
    if (fit === 'exact' && (size.width !== shape.width || size.height !== shape.height)) {
      throw sizeError(what, size, shape);
    }
    const decoded = input.autoOrient().flatten({ background: '#ffffff' });
    const { data, info } = await coloured(scaled(decoded, { shape, fit }), shape)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return image({ ...shape, channels: info.channels }, new Uint8Array(data));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({
      code: 'picture.unreadable',
      message: `cannot read the picture ${what}: ${(error as Error).message}`,
      hint: 'the file is damaged, or no PNG, JPEG or WebP: replace it or take it away',
      cause: error,
    });
  }
}

/** Brings an image to another shape with the same filter as `decodePicture`; one of that shape is returned as it is. */
export async function resizeImage(
  picture: Image,
  { shape, fit }: { shape: Shape; fit: Exclude<Fit, 'exact'> },
): Promise<Image> {
  if (sameShape(picture.shape, shape)) return picture;
  const resized = scaled(await rawInput(picture), { shape, fit });
  return image(shape, new Uint8Array(await coloured(resized, shape).raw().toBuffer()));
}

/** An image as a PNG file, losslessly. */
export async function encodePng(picture: Image): Promise<Uint8Array> {
  const input = coloured(await rawInput(picture), picture.shape);
  return new Uint8Array(await input.png({ compressionLevel: 9 }).toBuffer());
}

/** Writes an image to a PNG file. Throws `EnvironmentError` `file.write`. */
export async function writePicture(path: string, picture: Image): Promise<void> {
  await writeFileAtomic(path, await encodePng(picture));
}

async function rawInput({ shape: { height, width, channels }, pixels }: Image): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(pixels, { raw: { width, height, channels: channels === 1 ? 1 : 3 } });
}

/** Loads the native library where a picture is met: it takes 0.1 s, and most commands meet none. */
async function loadSharp() {
  return (await import('sharp')).default;
}

function scaled(input: Sharp, { shape: { width, height }, fit }: PictureForm): Sharp {
  // Shrinking while a JPEG is decoded is faster, but gives other pixels than the full picture does.
  return fit === 'exact'
    ? input
    : input.resize({
        width,
        height,
        fit: fit === 'crop' ? 'cover' : 'fill',
        fastShrinkOnLoad: false,
      });
}

function coloured(input: Sharp, { channels }: Shape): Sharp {
  return channels === 1 ? input.greyscale().toColourspace('b-w') : input.toColourspace('srgb');
}

function formatError(what: string, format: string): InputError {
  return new InputError({
    code: 'picture.format',
    message: `the picture ${what} is ${format}`,
    hint: 'veilmark reads PNG, JPEG and WebP, whatever the name of the file says: convert it',
  });
}

function tooLarge(what: string, { width, height }: { width: number; height: number }): InputError {
  return new InputError({
    code: 'picture.size',
    message: `the picture ${what} is ${width} wide and ${height} high`,
    hint: `veilmark reads up to ${pictureLimits.pixels} pixels with sides up to ${pictureLimits.side}: scale it down first`,
  });
}

function sizeError(
  what: string,
  { width, height }: { width: number; height: number },
  shape: Shape,
): InputError {
  return new InputError({
    code: 'picture.shape',
    message: `the picture ${what} is ${width} wide and ${height} high, the shape is ${formatShape(shape)}`,
    hint: 'say how it is to be brought to that size: resize (stretch) or crop (scale and cut the centre)',
  });
}
