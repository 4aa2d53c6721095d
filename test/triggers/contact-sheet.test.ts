import { expect } from 'chai';

import { image, parseShape } from '../../src/base/index.js';
import { decodePicture } from '../../src/files/index.js';
import { drawText } from '../../src/triggers/font.js';
import { contactSheet } from '../../src/triggers/index.js';
import { coded } from '../coded.js';

const flat = (value: number, shape = '4x4x1') =>
  image(parseShape(shape), new Uint8Array(parseShape(shape).channels * 16).fill(value));

describe('contact sheet', () => {
  it('shows each picture magnified without smoothing, and a caption below it', async () => {
    const images = [flat(10), flat(100), flat(200)];
    const captions = ['0: COAT', '1', '2: BAG'];
    const png = await contactSheet({ images, captions, columns: 2, scale: 20 });
    const [width, height] = [8 + 2 * 88, 8 + 2 * (80 + 4 + 7 + 8)];
    const shape = { width, height, channels: 1 };
    const { pixels } = await decodePicture(png, { shape, fit: 'exact', what: 'sheet' });
    const at = (x: number, y: number) => pixels[y * width + x];
    expect([at(8, 8), at(87, 87), at(88, 8), at(96, 8)]).to.deep.equal([10, 10, 250, 100]);
    expect([at(8, 107), at(87, 186), at(96, 107)]).to.deep.equal([200, 200, 250]);
    const caption = pixels.filter((value, i) => Math.floor(i / width) >= 92 && value === 20);
    expect(caption.length).to.be.above(50);
  });

  it('is colour for colour pictures, about 128 pixels a picture by default', async () => {
    const png = await contactSheet({ images: [flat(9, '4x4x3')], captions: ['x'] });
    const shape = { width: 16 + 128, height: 16 + 128 + 4 + 14, channels: 3 };
    const { pixels } = await decodePicture(png, { shape, fit: 'exact', what: 'sheet' });
    expect(pixels[3 * (8 * 144 + 8)]).to.equal(9);
  });

  it('refuses what does not fit together', async () => {
    const images = [flat(1)];
    const refused = [
      { images: [], captions: [] },
      { images, captions: [] },
      { images: [flat(1), flat(1, '4x4x3')], captions: ['a', 'b'] },
      { images, captions: ['a'], columns: 0 },
      { images, captions: ['a'], scale: 1.5 },
      { images, captions: ['a'], scale: 5000 },
    ];
    for (const sheet of refused) await coded('contact-sheet.input', () => contactSheet(sheet));
  });
});

describe('the dot font', () => {
  const drawn = (text: string, width = 6) => {
    const canvas = image({ height: 7, width, channels: 1 }, new Uint8Array(7 * width));
    drawText(canvas, { text, x: 0, y: 0, scale: 1, value: 1 });
    return Array.from({ length: 7 }, (_, y) =>
      canvas.pixels
        .subarray(y * width, (y + 1) * width)
        .join('')
        .replaceAll('0', '.'),
    );
  };

  it('draws letters and digits', () => {
    expect(drawn('A1', 12)).to.deep.equal([
      '.111....1...',
      '1...1..11...',
      '1...1...1...',
      '11111...1...',
      '1...1...1...',
      '1...1...1...',
      '1...1..111..',
    ]);
  });

  it('has another glyph for each character, capitals for small letters, and ? for the rest', () => {
    const characters = Array.from({ length: 64 }, (_, i) => String.fromCharCode(32 + i));
    expect(new Set(characters.map((one) => drawn(one).join(''))).size).to.equal(64);
    expect(drawn('g')).to.deep.equal(drawn('G'));
    for (const other of ['é', '€', '~', '\n']) expect(drawn(other)).to.deep.equal(drawn('?'));
  });

  it('leaves out what lies beyond the picture', () => {
    expect(drawn('MMMM', 3)[0]).to.equal('1..');
  });
});
