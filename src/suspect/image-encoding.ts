import { type Image, type Shape, toBase64 } from '../base/index.js';
import { encodePng } from '../files/index.js';
import type { Preprocessing } from '../training/engine.js';
import { describePreprocessing, preprocessor } from '../training/preprocess.js';

/** Largest factor by which an image is enlarged. */
export const mostEnlargement = 64;

/** An image with each pixel drawn as a square of `factor` × `factor` pixels. */
export function enlarge({ shape, pixels }: Image, factor: number): Image {
  const { height, width, channels } = shape;
  const larger = { height: height * factor, width: width * factor, channels };
  const row = larger.width * channels;
  const drawn = new Uint8Array(larger.height * row);
  for (let y = 0; y < larger.height; y++) {
    const from = Math.floor(y / factor) * width;
    for (let x = 0; x < larger.width; x++) {
      const at = (from + Math.floor(x / factor)) * channels;
      drawn.set(pixels.subarray(at, at + channels), y * row + x * channels);
    }
  }
  return { shape: larger, pixels: drawn };
}

/** An image as a PNG file, enlarged. */
export async function pngOf(image: Image, factor = 1): Promise<Uint8Array> {
  return encodePng(factor === 1 ? image : enlarge(image, factor));
}

/** A PNG as a `data:` URL (RFC 2397). */
export function dataUrl(png: Uint8Array): string {
  return `data:image/png;base64,${toBase64(png)}`;
}

/** What `pngOf` does, in words. */
export function describePng(factor: number): string {
  return factor === 1 ? 'PNG' : `PNG, each pixel enlarged to ${factor}x${factor}`;
}

/** How images become numbers. */
export interface NumberFormat {
  readonly shape: Shape;
  /** Without it the bytes are sent. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Order of a pixel's place: row, column, channel, or channel first. */
  readonly layout: 'hwc' | 'chw';
}

/** Writes one image as height·width·channels numbers. */
export function numbersOf({
  shape,
  preprocessing,
  layout,
}: NumberFormat): (image: Image) => number[] {
  const toNumbers = preprocessing && preprocessor({ shape, preprocessing });
  const { height, width, channels } = shape;
  const area = height * width;
  return ({ pixels }) => {
    const values = Array.from(toNumbers ? toNumbers(pixels, 1) : pixels);
    if (layout === 'hwc') return values;
    return values.map((_, i) => values[(i % area) * channels + Math.floor(i / area)] ?? 0);
  };
}

/** Numbers of one image nested as its layout says: rows of pixels of channels, or channels of rows. */
export function nested(
  values: readonly number[],
  { shape: { height, width, channels }, layout }: NumberFormat,
): number[][][] {
  const [outer, middle, inner] =
    layout === 'hwc' ? [height, width, channels] : [channels, height, width];
  return Array.from({ length: outer }, (_, i) =>
    Array.from({ length: middle }, (_, j) =>
      values.slice((i * middle + j) * inner, (i * middle + j + 1) * inner),
    ),
  );
}

/** What `numbersOf` does, in words. */
export function describeNumbers({ preprocessing, layout }: NumberFormat): string {
  const order = layout === 'hwc' ? '' : ', channel by channel';
  return preprocessing === undefined
    ? `none: the bytes of the image${order}`
    : `${describePreprocessing(preprocessing)}${order}`;
}
