import type { AttackGroup } from '../rows.js';
import { axes, beyond, markerLayers, region } from './pareto-layers.js';
import { along, frontLayer, frontLine } from './pareto-front.js';
import { labelLayers } from './pareto-labels.js';
import { positionOf, scaleOf, size } from './pareto-scale.js';
import type { Plot } from './render.js';

/**
 * Accuracy lost against mark lost for every point of attacks on one model. y is the share of triggers that do not match in
 * the weakest batch, which alone decides whether the verdict is lost; so the shaded region is exactly the rule of success.
 * Small markers are the other points of sweeps, the line is the front of what any attack reached.
 */
export function paretoPlot(attacks: AttackGroup): Plot {
  const [{ record }] = attacks;
  const scale = scaleOf(attacks);
  const strong = attacks.map(({ record: of, point, number }) => ({
    ...positionOf(of, point),
    verdict: point.after.verdict,
    text: String(number),
  }));
  const weak = attacks.flatMap(({ record: of, point: strongestPoint }) =>
    of.points
      .filter((point) => point !== strongestPoint)
      .map((point) => ({ ...positionOf(of, point), verdict: point.after.verdict })),
  );
  const front = frontLine([...strong, ...weak], scale);
  return {
    ...size,
    padding: { left: 60, right: 16, top: 26, bottom: 48 },
    description: 'Accuracy lost against mark lost, for every attack',
    layer: [
      ...region(record.before, scale),
      axes(scale),
      ...beyond(scale),
      frontLayer(front),
      ...markerLayers(weak, 30),
      ...markerLayers(strong, 90),
      ...labelLayers(strong, [...weak, ...along(front)], scale),
    ],
  };
}
