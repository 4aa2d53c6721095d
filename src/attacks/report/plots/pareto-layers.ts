import type { Measurement, MeasuredVerdict } from '../../record.js';
import { allowedAccuracyLoss } from '../../success.js';
import { band, mostLost, type Scale, size, yDomain } from './pareto-scale.js';
import { type PlotPoint, xy } from './series.js';
import { colours } from './theme.js';

/** Markers by verdict: the shape tells it, the fill only helps. */
export const verdictMarkers = {
  proved: { shape: 'circle', fill: 'white' },
  partly: { shape: 'diamond', fill: '#e0a63a' },
  'not-proved': { shape: 'square', fill: colours.ink },
} as const satisfies Record<MeasuredVerdict, { shape: string; fill: string }>;

/** Where an attack succeeds; its lower edge lies between the last count that proves and the first that does not. */
export function region({ batchSize, threshold }: Measurement, { domain }: Scale): object[] {
  const edge = 100 * (1 - (threshold - 0.5) / batchSize);
  const corner = { x: domain[0], x2: allowedAccuracyLoss, y: edge, y2: yDomain[1] };
  const encoding = { ...xy, x2: { field: 'x2' }, y2: { field: 'y2' } };
  return [
    {
      data: { values: [corner] },
      mark: { type: 'rect', color: colours.success, stroke: '#d9a441', strokeDash: [4, 3] },
      encoding,
    },
    {
      data: { values: [{ x: domain[0], y: yDomain[1] }] },
      mark: {
        type: 'text',
        text: 'an attack succeeds here',
        align: 'left',
        baseline: 'bottom',
        dy: -5,
        color: colours.successText,
      },
      encoding: xy,
    },
  ];
}

/** The axes, on an invisible mark. */
export function axes({ domain, hasBand }: Scale): object {
  const [least, most] = domain;
  const values = Array.from({ length: most - least + 1 }, (_, i) => least + i).filter(
    (tick) => tick % 5 === 0 && (!hasBand || tick < mostLost),
  );
  return {
    data: { values: [{ x: 0, y: 0 }] },
    mark: { type: 'point', opacity: 0 },
    encoding: {
      x: {
        ...xy.x,
        scale: { domain, nice: false, zero: false },
        axis: { title: 'test accuracy lost, in points', values, grid: true, labelFlush: false },
      },
      y: {
        ...xy.y,
        scale: { domain: yDomain, nice: false, zero: false },
        axis: {
          title: 'triggers missed in the weakest batch',
          values: [0, 20, 40, 60, 80, 100],
          labelExpr: "datum.label + ' %'",
        },
      },
    },
  };
}

/** The border of the band for what lost more than the axis shows. */
export function beyond({ hasBand }: Scale): object[] {
  if (!hasBand) return [];
  return [
    {
      data: { values: [{ x: mostLost }] },
      mark: { type: 'rule', color: colours.line, strokeDash: [2, 3] },
      encoding: { x: xy.x },
    },
    {
      data: { values: [{ x: mostLost + band / 2 }] },
      mark: { type: 'text', text: `> ${mostLost}`, y: size.height + 9.5, baseline: 'top' },
      encoding: { x: xy.x },
    },
  ];
}

export type Marker = PlotPoint & { readonly verdict: MeasuredVerdict };

/** Markers of an area in square pixels, by verdict. */
export function markerLayers(markers: readonly Marker[], size: number): object[] {
  return Object.entries(verdictMarkers).map(([verdict, { shape, fill }]) => ({
    data: { values: markers.filter((marker) => marker.verdict === verdict) },
    mark: { type: 'point', shape, fill, stroke: colours.ink, strokeWidth: 1.3, size, opacity: 1 },
    encoding: xy,
  }));
}
