import { type Image, image, type Shape, sizeOf } from '../base/index.js';
import { clamp, mix, smoothStep } from './arithmetic.js';
import { type Composition, drawComposition, type Layer } from './composition.js';
import { type Palette, paletteSize } from './palette.js';
import type { Field } from './patterns/index.js';
import { randomStream } from './random.js';
import { lightness, spread, stretchContrast } from './tone.js';

/** Samples a pixel along each side, averaged: sharp edges come out smooth. */
const samples = 2;

/**
 * An abstract picture from a 32-byte seed: patterns of one to four of sixteen kinds, bent, joined and coloured, with its
 * contrast stretched; made so that nobody can name what it shows. The same seed and shape give the same bytes on every
 * machine. For one channel it is the lightness of the coloured one. Throws `InputError` `trigger.seed`.
 */
export function abstractImage({ seed, shape }: { seed: Uint8Array; shape: Shape }): Image {
  const random = randomStream(seed);
  const shorter = Math.min(shape.height, shape.width);
  // A feature needs about eight pixels to be seen, and more than 14 of them are only texture.
  const composition = drawComposition(random, clamp(shorter / 8, 2, 14));
  const colours = shrink(paint(composition, shape), shape);
  stretchContrast(colours);
  const pixels = new Uint8Array(sizeOf(shape));
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.floor(
      (shape.channels === 1 ? lightness(colours, i) : (colours[i] ?? 0)) + 0.5,
    );
  }
  return image(shape, pixels);
}

/** Red, green and blue of every sample, row by row. */
function paint({ layer, over, light }: Composition, shape: Shape): Float64Array {
  const colours = coloured(layer, shape);
  if (over !== undefined) cover(colours, { upper: coloured(over, shape), mask: over.mask, shape });
  const brightness = sampled(light, shape);
  for (let i = 0; i < brightness.length; i++) {
    const factor = 1 + (brightness[i] ?? 0);
    for (let at = 3 * i; at < 3 * i + 3; at++) colours[at] = (colours[at] ?? 0) * factor;
  }
  return colours;
}

/** Lays other colours over the half of the picture where the mask is highest. */
function cover(
  colours: Float64Array,
  { upper, mask, shape }: { upper: Float64Array; mask: Field; shape: Shape },
): void {
  const values = sampled(mask, shape);
  spread(values);
  for (let i = 0; i < values.length; i++) {
    const share = smoothStep(0.47, 0.53, values[i] ?? 0);
    for (let at = 3 * i; at < 3 * i + 3; at++) {
      colours[at] = mix(colours[at] ?? 0, upper[at] ?? 0, share);
    }
  }
}

function coloured({ field, palette }: Layer, shape: Shape): Float64Array {
  const values = sampled(field, shape);
  spread(values);
  const colours = new Float64Array(3 * values.length);
  for (let i = 0; i < values.length; i++) put(colours, i, palette, values[i] ?? 0);
  return colours;
}

function put(colours: Float64Array, i: number, palette: Palette, value: number): void {
  const entry = Math.floor(clamp(value, 0, 1) * (paletteSize - 1) + 0.5);
  for (let c = 0; c < 3; c++) colours[3 * i + c] = palette[3 * entry + c] ?? 0;
}

/** The values of a field at the centres of all samples. */
function sampled(field: Field, { height, width }: Shape): Float64Array {
  const [rows, columns] = [samples * height, samples * width];
  const unit = 2 / Math.min(rows, columns);
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const y = (row + 0.5 - rows / 2) * unit;
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = field((column + 0.5 - columns / 2) * unit, y);
    }
  }
  return values;
}

/** The mean colour of the samples of each pixel. */
function shrink(colours: Float64Array, { height, width }: Shape): Float64Array {
  const shrunk = new Float64Array(3 * height * width);
  const columns = samples * width;
  for (let i = 0; i < colours.length / 3; i++) {
    const row = Math.floor(i / columns / samples);
    const column = Math.floor((i % columns) / samples);
    const to = 3 * (row * width + column);
    for (let c = 0; c < 3; c++) {
      shrunk[to + c] = (shrunk[to + c] ?? 0) + (colours[3 * i + c] ?? 0) / (samples * samples);
    }
  }
  return shrunk;
}
