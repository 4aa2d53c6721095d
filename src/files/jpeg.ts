import { type Image, image } from '../base/index.js';

/** The image after a JPEG encoder of a quality from 1 to 100 and a decoder: what a server that compresses its inputs sees. */
export async function throughJpeg({ shape, pixels }: Image, quality: number): Promise<Image> {
  const sharp = (await import('sharp')).default;
  const { height, width } = shape;
  const channels = shape.channels === 1 ? 1 : 3;
  const coded = await sharp(pixels, { raw: { width, height, channels } })
    .jpeg({ quality, mozjpeg: false })
    .toBuffer();
  const colours = channels === 1 ? 'b-w' : 'srgb';
  const decoded = sharp(coded).toColourspace(colours).raw({ depth: 'uchar' });
  return image(shape, new Uint8Array(await decoded.toBuffer()));
}
