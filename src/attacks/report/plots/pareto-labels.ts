import { type Scale, size, toData, toPlace } from './pareto-scale.js';
import { type Place, type PlacedLabel, placeLabels } from './place-labels.js';
import { type PlotPoint, xy } from './series.js';
import { colours } from './theme.js';

/** Numbers beside the markers, with a thin line where one stands further off. */
export function labelLayers(
  strong: readonly (PlotPoint & { readonly text: string })[],
  others: readonly PlotPoint[],
  scale: Scale,
): object[] {
  const labels = placeLabels(
    strong.map((marker) => ({ ...toPlace(marker, scale), text: marker.text })),
    { ...size, others: others.map((other) => toPlace(other, scale)) },
  );
  const leaders = labels.flatMap((label) => {
    const ends = leader(label)?.map((end) => toData(end, scale));
    return ends?.[0] && ends[1] ? [{ ...ends[0], x2: ends[1].x, y2: ends[1].y }] : [];
  });
  const texts = labels.map((label) => ({ ...toData(label, scale), text: label.text }));
  return [
    {
      data: { values: leaders },
      mark: { type: 'rule', color: colours.quiet, strokeWidth: 0.8 },
      encoding: { ...xy, x2: { field: 'x2' }, y2: { field: 'y2' } },
    },
    {
      data: { values: texts },
      mark: { type: 'text', baseline: 'middle', color: colours.ink, fontWeight: 600 },
      encoding: { ...xy, text: { field: 'text', type: 'nominal' } },
    },
  ];
}

/** The two ends of the line from a marker to its label, both a little off; none where they stand close. */
function leader({ x, y, anchor }: PlacedLabel): readonly Place[] | undefined {
  const distance = Math.hypot(x - anchor.x, y - anchor.y);
  if (distance < 22) return undefined;
  const along = (pixels: number): Place => ({
    x: anchor.x + ((x - anchor.x) * pixels) / distance,
    y: anchor.y + ((y - anchor.y) * pixels) / distance,
  });
  return [along(6), along(distance - 9)];
}
