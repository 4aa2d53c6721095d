import { renderPlot } from '../../src/attacks/report/plots/render.js';
import { colours } from '../../src/attacks/report/plots/theme.js';
import type { Rate, Row } from './run.js';

const width = 460;
const rowHeight = 30;
const padding = { left: 140, right: 20, top: 46, bottom: 44 };
/** Rates below are drawn at the edge. */
const leastRate = 2 ** -8;

/** The rates of all strategies against their bounds, as a whole SVG file: the same bytes for the same rows. */
export async function claimsPlot(rows: readonly Row[]): Promise<string> {
  const height = rows.length * rowHeight;
  const { markup } = await renderPlot({
    width,
    height,
    padding,
    description:
      'How often false claims win, by strategy: with the charge of the decision always below the bound',
    layer: [
      frame(rows),
      names(rows),
      ...bounds(rows),
      ...rates(
        rows.map(({ measured }) => measured),
        honest,
      ),
      ...rates(
        rows.map(({ control }) => control),
        lax,
      ),
      ...key(),
    ],
  });
  const sides = `width="${width + padding.left + padding.right}" height="${height + padding.top + padding.bottom}"`;
  // A file of its own is shown on pages of any colour.
  return `${markup.replace(/(<svg[^>]*>)/, `$1<rect ${sides} fill="#fff"/>`)}\n`;
}

interface Look {
  readonly colour: string;
  readonly shape: 'circle' | 'square';
  readonly fill: string;
}

const honest: Look = { colour: colours.test, shape: 'circle', fill: colours.test };
const lax: Look = { colour: colours.triggers, shape: 'square', fill: 'white' };

const position = {
  x: { field: 'x', type: 'quantitative', scale: { type: 'log', base: 2, domain: [leastRate, 1] } },
  y: { field: 'y', type: 'quantitative' },
} as const;

function frame(rows: readonly Row[]): object {
  return {
    data: { values: [{ x: 1, y: 0 }] },
    mark: { type: 'point', opacity: 0 },
    encoding: {
      x: {
        ...position.x,
        axis: {
          title: 'false claims that win',
          values: [1 / 256, 1 / 64, 1 / 16, 1 / 4, 1],
          labelExpr: "format(100 * datum.value, '.2~r') + ' %'",
        },
      },
      y: {
        ...position.y,
        scale: { domain: [rows.length - 0.5, -0.5], nice: false, zero: false },
        axis: { title: null, labels: false, grid: false, ticks: false },
      },
    },
  };
}

/** The names of the strategies, left of the picture. */
function names(rows: readonly Row[]): object {
  return {
    data: { values: rows.map(({ strategy: { name } }, y) => ({ y, name })) },
    mark: { type: 'text', align: 'right', baseline: 'middle', x: -8 },
    encoding: { y: position.y, text: { field: 'name' } },
  };
}

function bounds(rows: readonly Row[]): object[] {
  const values = rows.map(({ bound }, i) => ({ x: bound, y: i - 0.5, y2: i + 0.5 }));
  return [
    {
      data: { values },
      mark: { type: 'rule', color: colours.ink, strokeWidth: 1.5, strokeDash: [4, 3] },
      encoding: { ...position, y2: { field: 'y2' } },
    },
  ];
}

function rates(measured: readonly (Rate | undefined)[], { colour, shape, fill }: Look): object[] {
  const inside = (rate: number) => Math.max(leastRate, rate);
  const values = measured.flatMap((rate, y) =>
    rate ? [{ x: inside(rate.rate), low: inside(rate.low), high: inside(rate.high), y }] : [],
  );
  return [
    {
      data: { values },
      mark: { type: 'rule', color: colour, strokeWidth: 2 },
      encoding: { y: position.y, x: { ...position.x, field: 'low' }, x2: { field: 'high' } },
    },
    {
      data: { values },
      mark: { type: 'point', shape, fill, stroke: colour, strokeWidth: 1.5, size: 46, opacity: 1 },
      encoding: position,
    },
  ];
}

/** What the marks mean, above the picture. */
function key(): object[] {
  const entries = [
    { look: honest, words: 'the product’s decision', at: 0 },
    { look: lax, words: 'without the charge (control)', at: 165 },
  ];
  return [
    ...entries.flatMap(({ look: { colour, shape, fill }, words, at }) => [
      {
        data: { values: [{}] },
        mark: {
          type: 'point',
          shape,
          fill,
          stroke: colour,
          size: 46,
          opacity: 1,
          strokeWidth: 1.5,
          x: at + 6,
          y: -26,
        },
      },
      keyText(words, at + 16),
    ]),
    keyText('┆ bound', 365),
  ];
}

function keyText(words: string, x: number): object {
  return {
    data: { values: [{}] },
    mark: { type: 'text', text: words, align: 'left', baseline: 'middle', x, y: -26 },
  };
}
