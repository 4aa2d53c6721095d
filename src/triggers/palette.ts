import { clamp, mix, smoothStep } from './arithmetic.js';
import type { Random } from './random.js';

/** Colours for values from 0 to 1: 256 entries of red, green, blue from 0 to 255. */
export type Palette = Float64Array;

export const paletteSize = 256;

/** Hues of a palette in turns from its first one: neighbours, opposites, triads, all round. */
const schemes = [
  [0, 0.05, -0.05, 0.1],
  [0, 0.5, 0.04, 0.46],
  [0, 0.33, 0.67, 0.1],
  [0, 0.42, 0.58, 0.08],
  [0, 0.25, 0.5, 0.75],
] as const;

/**
 * Draws a palette of three colours or more that differ in lightness as well as in hue, so that the picture is told apart
 * in grey, too. They run into each other or, more rarely, meet at sharp steps. Small pictures (see `Pattern` for `detail`)
 * get at most four: each colour makes one more band between a field's low and high places.
 */
export function drawPalette(random: Random, detail: number): Palette {
  const count = 3 + random.integer(detail < 6 ? 2 : 4);
  const [first, scheme] = [random.unit(), random.pick(schemes)];
  const vivid = random.pick([0.2, 0.45, 0.55, 0.65, 0.75, 0.85]);
  const lightness = shuffled(
    random,
    Array.from({ length: count }, (_, i) => 0.1 + (0.8 * (i + random.unit() * 0.6)) / count),
  );
  const stops = lightness.map((light) =>
    colour(
      first + random.pick(scheme) + random.between(-0.03, 0.03),
      vivid * random.between(0.7, 1),
      light,
    ),
  );
  const step = random.pick([0, 0, 0.35, 0.47]);
  const palette = new Float64Array(3 * paletteSize);
  for (let i = 0; i < paletteSize; i++) {
    const at = (i / (paletteSize - 1)) * (count - 1);
    const stop = Math.min(Math.floor(at), count - 2);
    const t = smoothStep(step, 1 - step, at - stop);
    for (let c = 0; c < 3; c++) {
      palette[3 * i + c] = 255 * mix(stops[stop]?.[c] ?? 0, stops[stop + 1]?.[c] ?? 0, t);
    }
  }
  return palette;
}

function shuffled(random: Random, values: number[]): number[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [values[i], values[j]] = [values[j] ?? 0, values[i] ?? 0];
  }
  return values;
}

/**
 * A hue of a wheel with equal parts for what people call different colours, on the wheel of light, which is half green
 * and violet: red to yellow, yellow to sea green, to blue, to red.
 */
function evenHue(hue: number): number {
  if (hue < 0.3) return (hue / 0.3) * 0.16;
  if (hue < 0.5) return mix(0.16, 0.45, (hue - 0.3) / 0.2);
  if (hue < 0.8) return mix(0.45, 0.7, (hue - 0.5) / 0.3);
  return mix(0.7, 1, (hue - 0.8) / 0.2);
}

/** Red, green and blue from 0 to 1 of a hue in turns, a saturation and a lightness from 0 to 1 (HSL). */
function colour(hue: number, saturation: number, lightness: number): readonly number[] {
  const strength = saturation * (1 - Math.abs(2 * lightness - 1));
  const even = evenHue(hue - Math.floor(hue));
  return [0, 2, 4].map((shift) => {
    const sixth = 6 * even + shift;
    const level = clamp(Math.abs((sixth % 6) - 3) - 1, 0, 1);
    return lightness + strength * (level - 0.5);
  });
}
