import { length, smoothStep, wave } from './arithmetic.js';
import { noise } from './noise.js';
import { type Palette, drawPalette } from './palette.js';
import * as patterns from './patterns/index.js';
import type { Field, Pattern } from './patterns/index.js';
import type { Random } from './random.js';

/** A field and the colours of its values. */
export interface Layer {
  readonly field: Field;
  readonly palette: Palette;
}

/** What a picture is made of. */
export interface Composition {
  readonly layer: Layer;
  /** Another layer that shows where the field of the mask is high. */
  readonly over?: Layer & { readonly mask: Field };
  /** A field that makes the picture lighter and darker. */
  readonly light: Field;
}

const kinds = [
  patterns.clouds,
  patterns.contours,
  patterns.silk,
  patterns.strokes,
  patterns.flames,
  patterns.whirls,
  patterns.stripes,
  patterns.ripples,
  patterns.weave,
  patterns.maze,
  patterns.bars,
  patterns.rays,
  patterns.cells,
  patterns.shards,
  patterns.discs,
  patterns.blobs,
] as const;

/** Kinds that cut a picture into a few large parts. */
const masks = [patterns.shards, patterns.blobs, patterns.clouds, patterns.discs] as const;

/** Draws everything about a picture; see `Pattern` for `detail`. */
export function drawComposition(random: Random, detail: number): Composition {
  const layer = drawLayer(random, detail);
  const light = drawLight(random);
  if (!random.chance(0.4)) return { layer, light };
  const mask = bent(random, random.pick(masks)(random, 2));
  return { layer, over: { ...drawLayer(random, detail), mask }, light };
}

function drawLayer(random: Random, detail: number): Layer {
  return { field: drawField(random, detail), palette: drawPalette(random, detail) };
}

/** One pattern, or two of different kinds joined. */
function drawField(random: Random, detail: number): Field {
  const kind = random.integer(kinds.length);
  const other = (kind + 1 + random.integer(kinds.length - 1)) % kinds.length;
  const first = bent(random, drawKind(random, kind, detail));
  const join = random.pick(['alone', 'alone', 'alone', 'sum', 'difference', 'displace']);
  if (join === 'alone') return first;
  const second = bent(random, drawKind(random, other, Math.min(detail, 5)));
  const strength = random.between(0.3, 0.9);
  switch (join) {
    case 'sum':
      return (x, y) => first(x, y) + strength * second(x, y);
    case 'difference':
      return (x, y) => Math.abs(first(x, y) - second(x, y));
    case 'displace':
      return (x, y) => {
        const shift = 0.4 * strength * second(x, y);
        return first(x + shift, y - shift);
      };
  }
}

function drawKind(random: Random, kind: number, detail: number): Field {
  const pattern: Pattern = kinds[kind] ?? kinds[0];
  return pattern(random, detail);
}

/** A field in a plane that is turned, and twisted or warped more or less. */
function bent(random: Random, field: Field): Field {
  const angle = random.unit();
  const [cosine, sine] = [wave(angle + 0.25), wave(angle)];
  const [shiftX, shiftY] = [random.between(-0.4, 0.4), random.between(-0.4, 0.4)];
  const turned: Field = (x, y) =>
    field(x * cosine - y * sine + shiftX, x * sine + y * cosine + shiftY);
  switch (random.pick(['no', 'no', 'twist', 'warp', 'warp'])) {
    case 'no':
      return turned;
    case 'twist': {
      const strength = random.between(-0.45, 0.45);
      const reach = random.between(0.7, 1.4);
      return (x, y) => {
        const by = strength * (1 - smoothStep(0, reach, length(x - shiftX, y - shiftY)));
        const [c, s] = [wave(by + 0.25), wave(by)];
        return turned(x * c - y * s, x * s + y * c);
      };
    }
    case 'warp': {
      const [strength, scale] = [random.between(0.1, 0.6), random.between(0.5, 1.4)];
      const [a, b] = [random.bits(), random.bits()];
      return (x, y) =>
        turned(
          x + strength * noise(x * scale, y * scale, a),
          y + strength * noise(x * scale, y * scale, b),
        );
    }
  }
}

/** Light from one side, from -1 to 1 over the picture. */
function drawLight(random: Random): Field {
  const angle = random.unit();
  const [across, down] = [wave(angle + 0.25), wave(angle)];
  const strength = random.between(0, 0.5);
  return (x, y) => strength * (x * across + y * down);
}
