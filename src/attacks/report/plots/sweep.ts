import type { AttackRecord, Counts } from '../../record.js';
import { allowedAccuracyLoss } from '../../success.js';
import { decimal, share } from '../text.js';
import type { Plot } from './render.js';
import { seriesLayers, seriesStyles, xy } from './series.js';
import { colours } from './theme.js';

const width = 300;
const height = 190;
const lineHeight = 14;

/**
 * Test and trigger accuracy against the axis of a sweep, with the accuracy that an attack may leave and the share of
 * matches that the policy asks of a batch. Needs a record with an axis.
 */
export function sweepPlot(record: AttackRecord): Plot {
  const { axis = '', title, points, before } = record;
  const values = points.map(({ value }) => Number(value));
  const line = (pick: (point: (typeof points)[number]) => Counts | undefined) =>
    points.flatMap((point, i) => {
      const counts = pick(point);
      return counts ? [{ x: values[i] ?? 0, y: share(counts) }] : [];
    });
  return {
    width,
    height,
    padding: { left: 54, right: 92, top: 12, bottom: 44 },
    description: `${title}: test and trigger accuracy against ${axis}`,
    layer: [
      frame(axis, values),
      ...limits([
        { y: share(before.test) - allowedAccuracyLoss, words: 'test may fall to' },
        { y: (100 * before.threshold) / before.batchSize, words: 'a batch needs' },
      ]),
      ...seriesLayers(
        seriesStyles.ownerHead,
        line(({ ownerHead }) => ownerHead?.triggers),
      ),
      ...seriesLayers(
        seriesStyles.triggers,
        line(({ after }) => after.triggers),
      ),
      ...seriesLayers(
        seriesStyles.test,
        line(({ after }) => after.test),
      ),
    ],
  };
}

/** The axes, on an invisible mark. A sweep over two powers of ten and more is drawn on a logarithmic axis. */
function frame(axis: string, values: readonly number[]): object {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isWide = least > 0 && most / least >= 100;
  const type = isWide ? 'log' : 'linear';
  return {
    data: { values: [{ x: least, y: 0 }] },
    mark: { type: 'point', opacity: 0 },
    encoding: {
      x: {
        ...xy.x,
        scale: { type, domain: [least, most], nice: false, padding: 10 },
        axis: { title: axis, titleLimit: width, tickCount: 6, grid: false, format: '~g' },
      },
      y: {
        ...xy.y,
        scale: { domain: [0, 100] },
        axis: { title: null, values: [0, 25, 50, 75, 100], labelExpr: "datum.label + ' %'" },
      },
    },
  };
}

interface Limit {
  readonly y: number;
  readonly words: string;
}

/** Dotted lines with their meaning at the right border, moved apart where they would stand on one another. */
function limits([first, second]: readonly [Limit, Limit]): object[] {
  const [lower, upper] = first.y < second.y ? [first, second] : [second, first];
  const place = ({ y }: Limit): number => height - (y / 100) * height;
  const missing = Math.max(0, 2.5 * lineHeight - (place(lower) - place(upper)));
  return [
    ...limitLayers(lower, place(lower) + missing / 2),
    ...limitLayers(upper, place(upper) - missing / 2),
  ];
}

function limitLayers({ y, words }: Limit, textY: number): object[] {
  const data = { values: [{ y }] };
  const rule = { type: 'rule', color: colours.quiet, strokeDash: [1, 3], strokeWidth: 1.5 };
  return [
    { data, mark: rule, encoding: { y: xy.y } },
    {
      data,
      mark: {
        type: 'text',
        text: [words, `${decimal(y, 1)} %`],
        align: 'left',
        lineHeight,
        fontSize: 11,
        x: width + 6,
        y: textY - lineHeight / 2 + 4,
      },
    },
  ];
}
