import { colours } from './theme.js';

/** How a line looks: told apart by dash and marker, colour only helps. */
export interface SeriesStyle {
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: 'circle' | 'square' | 'triangle-up';
  readonly filled: boolean;
}

export const seriesStyles = {
  test: {
    name: 'test images right',
    colour: colours.test,
    dash: [1, 0],
    marker: 'circle',
    filled: true,
  },
  triggers: {
    name: 'hidden triggers matched',
    colour: colours.triggers,
    dash: [6, 3],
    marker: 'square',
    filled: false,
  },
  ownerHead: {
    name: 'hidden triggers matched with the owner’s last layer put back',
    colour: colours.ownerHead,
    dash: [2, 2],
    marker: 'triangle-up',
    filled: false,
  },
} as const satisfies Record<string, SeriesStyle>;

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
}

/** Most markers on a line; on longer ones they stand at equal distances and on the last point. */
const mostMarkers = 16;

/** The layers of a line with its markers, in the order of x. */
export function seriesLayers(style: SeriesStyle, points: readonly PlotPoint[]): object[] {
  const values = [...points].sort((a, b) => a.x - b.x);
  const step = Math.max(1, Math.ceil(values.length / mostMarkers));
  const marked = values.filter((_, i) => (values.length - 1 - i) % step === 0);
  const { colour: color, dash: strokeDash, marker: shape, filled } = style;
  const fill = filled ? color : 'white';
  return [
    { data: { values }, mark: { type: 'line', color, strokeDash, strokeWidth: 2 }, encoding: xy },
    {
      data: { values: marked },
      mark: { type: 'point', shape, fill, stroke: color, strokeWidth: 1.5, size: 42, opacity: 1 },
      encoding: xy,
    },
  ];
}

/** Positions of points; scales and axes are set by the plot's first layer. */
export const xy = {
  x: { field: 'x', type: 'quantitative' },
  y: { field: 'y', type: 'quantitative' },
} as const;
