import type { Curve } from '../../record.js';
import { share } from '../text.js';
import type { Plot } from './render.js';
import { type PlotPoint, seriesLayers, seriesStyles, xy } from './series.js';
import { colours } from './theme.js';

const width = 270;
const padding = { left: 54, right: 14, top: 10, bottom: 40 };

/** Test and trigger accuracy over the epochs of a training run. */
export function accuracyPlot(title: string, { label, epochs }: Curve): Plot {
  const line = (field: 'test' | 'triggers'): PlotPoint[] =>
    epochs.map((epoch) => ({ x: epoch.epoch, y: share(epoch[field]) }));
  const y = {
    scale: { domain: [0, 100] },
    axis: { title: null, values: [0, 50, 100], labelExpr: "datum.label + ' %'" },
  };
  return {
    width,
    height: 150,
    padding,
    description: `${title}, ${label}: test and trigger accuracy by epoch`,
    layer: [
      frame(epochs, y),
      ...seriesLayers(seriesStyles.triggers, line('triggers')),
      ...seriesLayers(seriesStyles.test, line('test')),
    ],
  };
}

/** The mean loss over the epochs of a training run, without those where it was no finite number. */
export function lossPlot(title: string, { label, epochs }: Curve): Plot {
  const points = epochs.flatMap(({ epoch, loss }) =>
    loss === '' ? [] : [{ x: epoch, y: Number(loss) }],
  );
  const most = Math.max(0, ...points.map(({ y }) => y));
  const isPlain = most === 0 || (most >= 0.001 && most < 100_000);
  const y = {
    scale: { domain: [0, most > 0 ? most : 1], nice: true },
    axis: { title: null, tickCount: 3, format: isPlain ? '~g' : '.1~e' },
  };
  return {
    width,
    height: 70,
    padding,
    description: `${title}, ${label}: loss by epoch`,
    layer: [
      frame(epochs, y),
      ...seriesLayers(
        { name: 'loss', colour: colours.ink, dash: [1, 0], marker: 'circle', filled: true },
        points,
      ),
    ],
  };
}

/** The axes, on an invisible mark. */
function frame(epochs: Curve['epochs'], y: object): object {
  const numbers = epochs.map(({ epoch }) => epoch);
  const domain = [Math.min(...numbers), Math.max(...numbers)];
  return {
    data: { values: [{ x: domain[0], y: 0 }] },
    mark: { type: 'point', opacity: 0 },
    encoding: {
      x: {
        ...xy.x,
        scale: { domain, zero: false, nice: false, padding: 8 },
        axis: { title: 'epoch', tickCount: 6, tickMinStep: 1, grid: false, format: 'd' },
      },
      y: { ...xy.y, ...y },
    },
  };
}
