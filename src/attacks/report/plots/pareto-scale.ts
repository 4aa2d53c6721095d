import type { AttackPoint, AttackRecord } from '../../record.js';
import { accuracyLost } from '../../success.js';
import type { AttackGroup } from '../rows.js';
import { weakestBatch } from '../text.js';
import type { Place } from './place-labels.js';
import type { PlotPoint } from './series.js';

/** Size in pixels of what the axes enclose. */
export const size = { width: 360, height: 310 } as const;
/** Points of accuracy: what lost more stands in a band of its own behind `mostLost`, so that the first points stay legible. */
export const mostLost = 20;
export const band = 3.5;
/** Percent, with room for markers at both ends. */
export const yDomain = [-7, 104] as const;

export interface Scale {
  /** Least and most x in points of accuracy. */
  readonly domain: readonly [number, number];
  readonly hasBand: boolean;
}

/** The scale on which every point of some attacks has a place. */
export function scaleOf(attacks: AttackGroup): Scale {
  const lost = attacks.flatMap(({ record }) =>
    record.points.map((point) => accuracyLost(record, point)),
  );
  const [least, most] = [Math.min(...lost), Math.max(...lost)];
  const hasBand = most > mostLost;
  const right = hasBand ? mostLost + band : Math.max(10, Math.ceil(most) + 1);
  return { domain: [Math.min(-2, Math.floor(least) - 1), right], hasBand };
}

/** Accuracy lost, in points, and triggers of the weakest batch that do not match, in percent. */
export function positionOf(record: AttackRecord, point: AttackPoint): PlotPoint {
  const lost = accuracyLost(record, point);
  return {
    x: lost > mostLost ? mostLost + band / 2 : lost,
    y: 100 * (1 - weakestBatch(point.after) / point.after.batchSize),
  };
}

/** From the units of the axes to pixels. */
export function toPlace({ x, y }: PlotPoint, { domain: [least, most] }: Scale): Place {
  const [bottom, top] = yDomain;
  return {
    x: ((x - least) / (most - least)) * size.width,
    y: ((top - y) / (top - bottom)) * size.height,
  };
}

/** From pixels to the units of the axes. */
export function toData({ x, y }: Place, { domain: [least, most] }: Scale): PlotPoint {
  const [bottom, top] = yDomain;
  return {
    x: least + (x / size.width) * (most - least),
    y: top - (y / size.height) * (top - bottom),
  };
}
