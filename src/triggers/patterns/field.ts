import type { Random } from '../random.js';

/** A value for each point of the plane; the shorter side of a picture spans −1 to 1. */
export type Field = (x: number, y: number) => number;

/** Draws one field of a kind. `detail` is about how many features fit across the shorter side: 4 for 28 pixels. */
export type Pattern = (random: Random, detail: number) => Field;

/** A number of features, few being likelier than many. */
export function featureCount(random: Random, low: number, detail: number): number {
  const t = random.unit();
  return low + Math.max(0, detail - low) * t * t;
}
