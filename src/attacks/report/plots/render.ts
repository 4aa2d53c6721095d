import type { TopLevelSpec } from 'vega-lite';

import { escapeText, type Markup, trusted } from '../html.js';
import { theme } from './theme.js';

/** A picture of a fixed size: axes and labels stand in the padding, wherever their text would want to be. */
export interface Plot {
  readonly width: number;
  readonly height: number;
  readonly padding: Padding;
  /** What the picture shows, for those who cannot see it. */
  readonly description: string;
  readonly layer: readonly object[];
}

export interface Padding {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Draws a plot as SVG: the same bytes for the same plot on every machine. It holds no ids, so that several stand in one
 * page.
 */
export async function renderPlot(plot: Plot): Promise<Markup> {
  // Loaded where a plot is drawn: it takes 0.3 s, and most commands draw none.
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { description, ...sized } = plot;
  const whole = { ...sized, autosize: { type: 'none' }, data: { values: [] }, config: theme };
  const { spec } = compile(whole as unknown as TopLevelSpec, { logger: strict });
  estimateText(vega);
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: strict });
  try {
    return trusted(labelled(rounded(await view.toSVG()), description));
  } finally {
    view.finalize();
  }
}

/** What the library warns of is a defect of the plot, not a matter for who reads the report. */
const strict = {
  level: () => strict,
  error: refuse,
  warn: refuse,
  info: () => strict,
  debug: () => strict,
};

function refuse(...words: readonly unknown[]): never {
  throw new Error(`a plot cannot be drawn: ${words.map(String).join(' ')}`);
}

/** Text is measured by counting its characters, even where a canvas and fonts are installed: those differ by machine. */
function estimateText(vega: object): void {
  const { textMetrics } = vega as { textMetrics: { canvas(use: boolean): void } };
  textMetrics.canvas(false);
}

/** Coordinates with two digits: more are nothing to see, and the last ones come from the machine's logarithm. */
function rounded(svg: string): string {
  return svg.replace(/ (?:d|transform|[xy]2?)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}(e-\d+)?/g, (number) =>
      String(Number(Number(number).toFixed(2))),
    ),
  );
}

function labelled(svg: string, description: string): string {
  return svg.replace('<svg ', `<svg role="img" aria-label="${escapeText(description)}" `);
}
