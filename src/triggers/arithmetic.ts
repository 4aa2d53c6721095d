/**
 * Functions whose results are the same on every engine: only IEEE 754 sums, products, quotients and square roots, which
 * are correctly rounded everywhere. `Math.sin`, `exp`, `pow`, `hypot` and `**` are not: their last bits are each engine's own.
 */

/** sin(2πt) within 0.002, by two parabolas. */
export function wave(t: number): number {
  const u = t - Math.floor(t + 0.5);
  const s = u * (8 - 16 * Math.abs(u));
  return s * (0.775 + 0.225 * Math.abs(s));
}

/** A triangle wave of period 1 from −1 to 1. */
export function triangle(t: number): number {
  return 4 * Math.abs(t - Math.floor(t + 0.5)) - 1;
}

/** The direction of (x, y) in turns from −1/2 to 1/2, within 0.001. */
export function turn(x: number, y: number): number {
  const [across, up] = [Math.abs(x), Math.abs(y)];
  const larger = Math.max(across, up);
  if (larger === 0) return 0;
  const a = Math.min(across, up) / larger;
  const s = a * a;
  const eighth = a * (0.15915494 + s * (-0.05214283 + s * (0.02535566 + s * -0.00740013)));
  const quarter = up > across ? 0.25 - eighth : eighth;
  const half = x < 0 ? 0.5 - quarter : quarter;
  return y < 0 ? -half : half;
}

export function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** From 0 at `from` to 1 at `to`, level at both ends. */
export function smoothStep(from: number, to: number, value: number): number {
  const t = clamp((value - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}

export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
