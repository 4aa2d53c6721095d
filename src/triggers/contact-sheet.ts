import { type Image, image, InputError, sameShape, sizeOf } from '../base/index.js';
import { encodePng } from '../files/index.js';
import { drawText, glyphAdvance, glyphHeight } from './font.js';

/** Pixels around and between the pictures. */
const gap = 8;
/** Pictures are shown at least about this large. */
const comfortable = 128;
/** Largest side of a sheet. */
const sheetLimit = 2 ** 14;
const paper = 250;
const ink = 20;

/**
 * A grid of pictures in rows, each with a line of text below it, as a PNG file: for people to look at a trigger set.
 * Pictures are magnified `scale` times without smoothing (by default to about 128 pixels); text that is too long for its
 * picture is cut, which a final `..` shows. Throws `InputError` `contact-sheet.input`.
 */
export async function contactSheet({
  images,
  captions,
  columns = Math.ceil(Math.sqrt(images.length)),
  scale,
}: {
  images: readonly Image[];
  /** One for each image. */
  captions: readonly string[];
  columns?: number;
  scale?: number;
}): Promise<Uint8Array> {
  const shape = images[0]?.shape;
  if (shape === undefined) throw inputError('there are no pictures');
  if (captions.length !== images.length || images.some((one) => !sameShape(one.shape, shape))) {
    throw inputError('pictures of one shape and a caption for each are needed');
  }
  const magnified =
    scale ?? Math.max(1, Math.ceil(comfortable / Math.max(shape.width, shape.height)));
  if (![columns, magnified].every((n) => Number.isInteger(n) && n > 0)) {
    throw inputError(`${columns} columns at scale ${magnified}`);
  }
  const cellWidth = shape.width * magnified;
  const dot = dotSize(captions, cellWidth);
  const cellHeight = shape.height * magnified + gap / 2 + glyphHeight * dot;
  const width = gap + columns * (cellWidth + gap);
  const height = gap + Math.ceil(images.length / columns) * (cellHeight + gap);
  if (width > sheetLimit || height > sheetLimit) {
    throw inputError(`a sheet of ${width} x ${height} pixels is too large`);
  }
  const sheetShape = { height, width, channels: shape.channels };
  const sheet = image(sheetShape, new Uint8Array(sizeOf(sheetShape)).fill(paper));
  for (const [i, picture] of images.entries()) {
    const x = gap + (i % columns) * (cellWidth + gap);
    const y = gap + Math.floor(i / columns) * (cellHeight + gap);
    paste(sheet, picture, { x, y, scale: magnified });
    const text = shortened(captions[i] ?? '', Math.floor(cellWidth / (glyphAdvance * dot)));
    drawText(sheet, {
      text,
      x,
      y: y + cellHeight - glyphHeight * dot,
      scale: dot,
      value: ink,
    });
  }
  return encodePng(sheet);
}

/** Two pixels a dot of the font if every caption fits so, else one. */
function dotSize(captions: readonly string[], width: number): number {
  return captions.every((text) => text.length * glyphAdvance * 2 <= width) ? 2 : 1;
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 2))}..`;
}

function paste(
  sheet: Image,
  { shape, pixels }: Image,
  { x, y, scale }: { x: number; y: number; scale: number },
): void {
  const { width, channels } = shape;
  for (let row = 0; row < shape.height * scale; row++) {
    for (let column = 0; column < width * scale; column++) {
      const from = (Math.floor(row / scale) * width + Math.floor(column / scale)) * channels;
      const to = ((y + row) * sheet.shape.width + x + column) * channels;
      for (let c = 0; c < channels; c++) sheet.pixels[to + c] = pixels[from + c] ?? 0;
    }
  }
}

function inputError(message: string): InputError {
  return new InputError({ code: 'contact-sheet.input', message: `contact sheet: ${message}` });
}
