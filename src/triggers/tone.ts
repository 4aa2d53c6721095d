import { clamp, mix } from './arithmetic.js';

const bins = 1024;

/**
 * Spreads values over 0 to 1 in place: half by their distance (what lies outside the middle 98 % is cut off), half by
 * their rank, so that every colour of a palette gets its share and large differences stay large.
 */
export function spread(values: Float64Array): void {
  const { bin, atMost } = histogram(values);
  const [low, high] = [quantile(atMost, 0.01), quantile(atMost, 0.99) + 1];
  const tone = Float64Array.from(atMost, (share, i) =>
    mix(clamp((i - low) / Math.max(1, high - low), 0, 1), share, 0.5),
  );
  for (let i = 0; i < values.length; i++) values[i] = tone[bin(values[i] ?? 0)] ?? 0;
}

/**
 * Stretches colours (red, green, blue, 0 to 255, one pixel after another) in place, so that the lightness of the middle
 * 92 % of the pixels spans all that a byte holds.
 */
export function stretchContrast(colours: Float64Array): void {
  const light = new Float64Array(colours.length / 3);
  for (let i = 0; i < light.length; i++) light[i] = lightness(colours, i);
  const { atMost, value } = histogram(light);
  const low = value(quantile(atMost, 0.04));
  const gain = 247 / Math.max(1, value(quantile(atMost, 0.96)) - low);
  for (let i = 0; i < colours.length; i++) {
    colours[i] = clamp(4 + gain * ((colours[i] ?? 0) - low), 0, 255);
  }
}

/** The lightness of the i-th pixel (the weights of ITU-R BT.601). */
export function lightness(colours: ArrayLike<number>, i: number): number {
  return (
    0.299 * (colours[3 * i] ?? 0) +
    0.587 * (colours[3 * i + 1] ?? 0) +
    0.114 * (colours[3 * i + 2] ?? 0)
  );
}

/** Values in bins between their least and greatest, with the share of the values up to and with each bin. */
function histogram(values: Float64Array) {
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const width = (greatest - least) / bins || 1;
  const bin = (value: number) => Math.min(bins - 1, Math.floor((value - least) / width));
  const atMost = new Float64Array(bins);
  for (const value of values) atMost[bin(value)] = (atMost[bin(value)] ?? 0) + 1;
  let sum = 0;
  for (let i = 0; i < bins; i++) {
    sum += atMost[i] ?? 0;
    atMost[i] = sum / values.length;
  }
  return { bin, atMost, value: (index: number) => least + width * (index + 0.5) };
}

/** The first bin up to which a share of the values lies. */
function quantile(atMost: Float64Array, share: number): number {
  return Math.max(
    0,
    atMost.findIndex((sum) => sum >= share),
  );
}
