import type { Scale } from './pareto-scale.js';
import { type PlotPoint, xy } from './series.js';
import { colours } from './theme.js';

/**
 * The points that no other beats, by x: none loses as much of the mark (y) for less accuracy (x), nor more for as much. Of
 * equal points one stays.
 */
export function paretoFront(points: readonly PlotPoint[]): PlotPoint[] {
  const front: PlotPoint[] = [];
  for (const point of [...points].sort((a, b) => a.x - b.x || b.y - a.y)) {
    const last = front.at(-1);
    if (last === undefined || point.y > last.y) front.push(point);
  }
  return front;
}

/** The corners of the front as a staircase, on to the right border. */
export function frontLine(points: readonly PlotPoint[], { domain }: Scale): PlotPoint[] {
  const front = paretoFront(points);
  const corners = front.flatMap((point, i) => {
    const before = front[i - 1];
    return before === undefined ? [point] : [{ x: point.x, y: before.y }, point];
  });
  const last = front.at(-1);
  return last === undefined ? [] : [...corners, { x: domain[1], y: last.y }];
}

/** Points on a line, so close to one another that no label fits between them. */
export function along(line: readonly PlotPoint[]): PlotPoint[] {
  const steps = 24;
  return line.flatMap((from, i) => {
    const to = line[i + 1] ?? from;
    return Array.from({ length: steps }, (_, k) => ({
      x: from.x + ((to.x - from.x) * k) / steps,
      y: from.y + ((to.y - from.y) * k) / steps,
    }));
  });
}

/** The front as a line. */
export function frontLayer(front: readonly PlotPoint[]): object {
  return {
    data: { values: front.map((corner, order) => ({ ...corner, order })) },
    mark: { type: 'line', color: colours.quiet, strokeWidth: 1.2 },
    encoding: { ...xy, order: { field: 'order', type: 'quantitative' } },
  };
}
