import { formatShape, type Image, InputError, type Shape } from '../base/index.js';
import { abstractImage } from './abstract.js';

/** Pictures are compared after averaging them down to at most this many squares along each side. */
const grid = 8;
/** Least root mean square difference of two pictures' squares, in steps of 255. */
export const leastDistance = 32;
/** Least root mean square deviation of a picture's squares from its mean colour, in steps of 255. */
export const leastStructure = 28;
/** Seeds tried for one picture before the set is given up. */
const attempts = 64;

/**
 * Abstract pictures from seeds that are all clearly different: averaged down to 8 x 8 squares, any two differ by
 * `leastDistance` or more, and each from its own mean colour by `leastStructure` or more (root mean square over squares and
 * channels), so that neither flat pictures nor fine texture pass. Picture i is that of the first of `seedOf(i, 0)`,
 * `seedOf(i, 1)`, … that passes and differs from all before it, so the same seeds give the same set. Throws `InputError`
 * `trigger.similar` where 64 attempts do not do: a shape of few pixels has no room for many pictures.
 */
export function abstractImages({
  seedOf,
  count,
  shape,
}: {
  /** The 32-byte seed of an attempt at a picture; both count from 0. */
  seedOf: (index: number, attempt: number) => Uint8Array;
  count: number;
  shape: Shape;
}): Image[] {
  const images: Image[] = [];
  const seen: Float64Array[] = [];
  for (let index = 0; index < count; index++) {
    let attempt = 0;
    for (; attempt < attempts; attempt++) {
      const picture = abstractImage({ seed: seedOf(index, attempt), shape });
      const squares = averages(picture);
      const structured = structure(squares, shape.channels) >= leastStructure;
      if (structured && seen.every((other) => rootMeanSquare(squares, other) >= leastDistance)) {
        images.push(picture);
        seen.push(squares);
        break;
      }
    }
    if (attempt === attempts) throw tooSimilar(index, shape);
  }
  return images;
}

/** How different two pictures of one shape are: see `abstractImages`. */
export function distance(a: Image, b: Image): number {
  return rootMeanSquare(averages(a), averages(b));
}

function structure(squares: Float64Array, channels: number): number {
  const means = new Float64Array(channels);
  squares.forEach((value, i) => {
    means[i % channels] = (means[i % channels] ?? 0) + (value * channels) / squares.length;
  });
  return rootMeanSquare(
    squares,
    squares.map((_, i) => means[i % channels] ?? 0),
  );
}

function rootMeanSquare(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    sum += difference * difference;
  }
  return Math.sqrt(sum / a.length);
}

/** The mean of each channel over each square; a square has whole pixels. */
function averages({ shape: { height, width, channels }, pixels }: Image): Float64Array {
  const [rows, columns] = [Math.min(grid, height), Math.min(grid, width)];
  const sums = new Float64Array(rows * columns * channels);
  const counts = new Float64Array(rows * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const square = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      counts[square] = (counts[square] ?? 0) + 1;
      for (let c = 0; c < channels; c++) {
        const at = square * channels + c;
        sums[at] = (sums[at] ?? 0) + (pixels[(y * width + x) * channels + c] ?? 0);
      }
    }
  }
  return sums.map((sum, i) => sum / (counts[Math.floor(i / channels)] ?? 1));
}

function tooSimilar(index: number, shape: Shape): InputError {
  return new InputError({
    code: 'trigger.similar',
    message: `no picture ${index} of ${formatShape(shape)} is structured and clearly different from those before it`,
    hint: 'use a larger shape or fewer triggers',
  });
}
