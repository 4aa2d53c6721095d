import type { MeasuredVerdict } from '../record.js';
import { type Markup, trusted } from './html.js';
import { verdictMarkers } from './plots/pareto-layers.js';
import type { SeriesStyle } from './plots/series.js';
import { colours } from './plots/theme.js';

const outlines = {
  circle: 'M-4.5,0A4.5,4.5,0,1,1,4.5,0A4.5,4.5,0,1,1,-4.5,0Z',
  diamond: 'M0,-5.5L4.5,0L0,5.5L-4.5,0Z',
  square: 'M-4.2,-4.2h8.4v8.4h-8.4Z',
  'triangle-up': 'M0,-4.6L4.6,3.8L-4.6,3.8Z',
} as const;

/** The marker that stands for a verdict in the pictures. */
export function verdictIcon(verdict: MeasuredVerdict): Markup {
  const { shape, fill } = verdictMarkers[verdict];
  return trusted(
    `<svg class="marker" viewBox="-6 -6 12 12" aria-hidden="true"><path d="${outlines[shape]}" fill="${fill}" stroke="${colours.ink}" stroke-width="1.3"/></svg>`,
  );
}

/** A piece of a line as it is in the pictures. */
export function seriesIcon({ colour, dash, marker, filled }: SeriesStyle): Markup {
  const line = `<path d="M1,0H37" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash.join()}" fill="none"/>`;
  const dot = `<path transform="translate(19)" d="${outlines[marker]}" fill="${filled ? colour : 'white'}" stroke="${colour}" stroke-width="1.5"/>`;
  return trusted(
    `<svg width="38" height="12" viewBox="0 -6 38 12" aria-hidden="true">${line}${dot}</svg>`,
  );
}
