import { renderPlot } from '../../src/attacks/report/plots/render.js';
import { seriesLayers, seriesStyles, xy } from '../../src/attacks/report/plots/series.js';
import { colours } from '../../src/attacks/report/plots/theme.js';
import type { Sample } from './memory.js';

const width = 440;
const height = 160;
const padding = { left: 60, right: 20, top: 34, bottom: 44 };
const megabyte = 2 ** 20;

/** Memory over the sessions, as a whole SVG file. */
export async function soakPlot(samples: readonly Sample[]): Promise<string> {
  const line = (of: 'rss' | 'heap') =>
    samples.map((one) => ({ x: one.sessions, y: one[of] / megabyte }));
  const most = Math.max(...samples.map(({ rss }) => rss / megabyte));
  const { markup } = await renderPlot({
    width,
    height,
    padding,
    description: 'Memory of one process over the sessions of a soak, after garbage collection',
    layer: [
      frame(samples.at(-1)?.sessions ?? 1, most),
      ...seriesLayers(seriesStyles.triggers, line('heap')),
      ...seriesLayers(seriesStyles.test, line('rss')),
      ...[
        { words: '● whole process', colour: colours.test, at: 0 },
        { words: '□ objects and buffers', colour: colours.triggers, at: 130 },
      ].map(({ words, colour, at }) => ({
        data: { values: [{}] },
        mark: { type: 'text', text: words, color: colour, align: 'left', x: at, y: -16 },
      })),
    ],
  });
  const sides = `width="${width + padding.left + padding.right}" height="${height + padding.top + padding.bottom}"`;
  return `${markup.replace(/(<svg[^>]*>)/, `$1<rect ${sides} fill="#fff"/>`)}\n`;
}

/** The axes, on an invisible mark. */
function frame(sessions: number, most: number): object {
  return {
    data: { values: [{ x: 0, y: 0 }] },
    mark: { type: 'point', opacity: 0 },
    encoding: {
      x: { ...xy.x, scale: { domain: [0, sessions] }, axis: { title: 'sessions', grid: false } },
      y: { ...xy.y, scale: { domain: [0, most], nice: true }, axis: { title: 'MB', tickCount: 5 } },
    },
  };
}
