import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import fc from 'fast-check';
import sharp from 'sharp';

import { type Image, image, InputError, parseShape, sizeOf } from '../../src/base/index.js';
import {
  decodePicture,
  encodePng,
  type Fit,
  isPictureName,
  readPicture,
  resizeImage,
  writePicture,
} from '../../src/files/index.js';
import { coded } from '../coded.js';

const decode = (bytes: Uint8Array, shape: string, fit: Fit = 'exact') =>
  decodePicture(bytes, { shape: parseShape(shape), fit, what: 'the picture' });

/** A picture of one colour for each pixel of a row. */
const raw = (width: number, height: number, channels: 1 | 3 | 4, pixels: readonly number[]) =>
  sharp(Uint8Array.from(pixels), { raw: { width, height, channels } });

describe('pictures', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-picture-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('go to a PNG file and back unchanged, in grey and in colour', async () => {
    const shape = fc.record({
      height: fc.integer({ min: 1, max: 12 }),
      width: fc.integer({ min: 1, max: 12 }),
      channels: fc.constantFrom(1, 3),
    });
    const images = shape.chain((size) =>
      fc
        .uint8Array({ minLength: sizeOf(size), maxLength: sizeOf(size) })
        .map((pixels): Image => image(size, pixels)),
    );
    await fc.assert(
      fc.asyncProperty(images, async (picture) => {
        const path = join(folder, 'round.png');
        await writePicture(path, picture);
        expect(await readPicture(path, { shape: picture.shape, fit: 'exact' })).to.deep.equal(
          picture,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('come from PNG, JPEG and WebP', async () => {
    const grey = raw(2, 2, 1, [90, 90, 90, 90]);
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const bytes = await grey.clone().toFormat(format).toBuffer();
      expect([...(await decode(bytes, '2x2x1')).pixels], format).to.satisfy((pixels: number[]) =>
        pixels.every((value) => Math.abs(value - 90) <= 2),
      );
      expect((await decode(bytes, '2x2x3')).pixels.length).to.equal(12);
    }
    expect(['a.PNG', 'a.jpg', 'a.jpeg', 'a.webp'].every(isPictureName)).to.equal(true);
    expect(['a.gif', 'a', 'png', 'a.png.txt'].some(isPictureName)).to.equal(false);
  });

  it('are stretched or cropped as asked, and else refused', async () => {
    // Left third black, middle white, right third black; twice as wide as high.
    const row = [0, 0, 255, 255, 0, 0].flatMap((value) => Array<number>(20).fill(value));
    const wide = await raw(120, 60, 1, Array<number[]>(60).fill(row).flat()).png().toBuffer();
    const middle = async (fit: Fit) => {
      const { pixels } = await decode(wide, '12x12x1', fit);
      return [0, 2, 6, 9, 11].map((x) => pixels[6 * 12 + x]! > 127);
    };
    expect(await middle('resize')).to.deep.equal([false, false, true, false, false]);
    expect(await middle('crop')).to.deep.equal([false, true, true, true, false]);
    await coded('picture.shape', () => decode(wide, '12x12x1'));
    expect((await decode(wide, '60x120x1')).pixels[65]).to.equal(255);
  });

  it('of raw pixels are scaled to the same bytes as decoded ones', async () => {
    const pixels = Uint8Array.from({ length: 8 * 6 * 3 }, (_, i) => (i * 37) % 256);
    const picture = image(parseShape('6x8x3'), pixels);
    const png = await encodePng(picture);
    for (const text of ['3x4x3', '5x5x3', '12x3x3', '3x3x1', '6x8x1']) {
      for (const fit of ['resize', 'crop'] as const) {
        const expected = await decode(png, text, fit);
        expect(await resizeImage(picture, { shape: parseShape(text), fit })).to.deep.equal(
          expected,
        );
      }
    }
    expect(await resizeImage(picture, { shape: picture.shape, fit: 'crop' })).to.equal(picture);
  });

  it('are turned as EXIF says, before their size is judged', async () => {
    const pixels = [255, 0, 0, 0, 0, 255];
    const bytes = await raw(2, 1, 3, pixels).withMetadata({ orientation: 6 }).png().toBuffer();
    expect([...(await decode(bytes, '2x1x3')).pixels]).to.deep.equal(pixels);
    await coded('picture.shape', () => decode(bytes, '1x2x3'));
  });

  it('lie on white where they are transparent', async () => {
    const bytes = await raw(2, 1, 4, [10, 20, 30, 0, 10, 20, 30, 255]).png().toBuffer();
    expect([...(await decode(bytes, '1x2x3')).pixels]).to.deep.equal([255, 255, 255, 10, 20, 30]);
  });

  it('are the first frame of an animation', async () => {
    const frames = Uint8Array.from([...Array<number>(12).fill(200), ...Array<number>(12).fill(10)]);
    const bytes = await sharp(frames, { raw: { width: 2, height: 4, channels: 3, pageHeight: 2 } })
      .webp({ lossless: true, loop: 0, delay: [100, 100] })
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).to.equal(2);
    expect([...(await decode(bytes, '2x2x1')).pixels]).to.deep.equal([200, 200, 200, 200]);
  });

  it('bring 16 bits and a palette down to bytes', async () => {
    const deep = await raw(2, 1, 3, [1, 2, 3, 250, 251, 252])
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(deep).metadata()).depth).to.equal('ushort');
    expect([...(await decode(deep, '1x2x3')).pixels]).to.deep.equal([1, 2, 3, 250, 251, 252]);
    const palette = await raw(2, 1, 3, [255, 0, 0, 0, 0, 255]).png({ palette: true }).toBuffer();
    expect([...(await decode(palette, '1x2x3')).pixels]).to.deep.equal([255, 0, 0, 0, 0, 255]);
  });

  it('are refused when they are of another format, whatever their name', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>';
    await writeFile(join(folder, 'drawing.png'), svg);
    const form = { shape: parseShape('2x2'), fit: 'resize' } as const;
    await coded('picture.format', () => readPicture(join(folder, 'drawing.png'), form));
    await coded('file.missing', () => readPicture(join(folder, 'none.png'), form));
    const gif = await raw(2, 2, 1, [1, 2, 3, 4]).gif().toBuffer();
    await coded('picture.format', () => decode(gif, '2x2'));
  });

  it('are refused with their name when damaged: cut off anywhere, or not pictures at all', async () => {
    const noisy = Array.from({ length: 24 * 24 * 3 }, (_, i) => (i * i * 7) % 251);
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const bytes = await raw(24, 24, 3, noisy).toFormat(format).toBuffer();
      for (const share of [0, 0.02, 0.1, 0.5, 0.9]) {
        const cut = bytes.subarray(0, Math.floor(bytes.length * share));
        const error = await coded('picture.unreadable', () => decode(cut, '24x24x3'));
        expect(error.message).to.contain('the picture');
      }
    }
    await coded('picture.unreadable', () =>
      decode(new TextEncoder().encode('not a picture'), '2x2'),
    );
  });

  it('give an error with a code, or a picture, for any flipped byte', async () => {
    const bytes = await encodePng(image(parseShape('4x4x3'), new Uint8Array(48).fill(7)));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const damaged = bytes.slice();
          damaged[at]! ^= flip;
          try {
            expect((await decode(damaged, '4x4x3', 'resize')).pixels.length).to.equal(48);
          } catch (error) {
            expect(error).to.be.instanceOf(InputError);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are refused when they would unpack to too many pixels', async () => {
    const side = 8200;
    const bomb = await sharp({
      create: { width: side, height: side, channels: 3, background: '#000' },
      limitInputPixels: false,
    })
      .png({ compressionLevel: 1 })
      .toBuffer();
    expect(bomb.length).to.be.below(2 ** 21);
    await coded('picture.size', () => decode(bomb, '2x2x3', 'resize'));
  });
});
