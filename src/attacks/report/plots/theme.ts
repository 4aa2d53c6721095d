import type { Config } from 'vega-lite';

/** Colours of the pictures; nothing is told by one of them alone. */
export const colours = {
  ink: '#1d2126',
  quiet: '#5b6470',
  line: '#c3c8ce',
  grid: '#e9ebee',
  test: '#1f5a96',
  triggers: '#b2480e',
  ownerHead: '#4d7c2a',
  success: '#fbeed3',
  successText: '#7a5300',
} as const;

export const fontSize = 12;

export const theme: Config = {
  aria: false,
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    domainColor: colours.line,
    gridColor: colours.grid,
    labelColor: colours.quiet,
    labelFontSize: fontSize,
    labelPadding: 5,
    tickColor: colours.line,
    tickSize: 4,
    titleColor: colours.ink,
    titleFontSize: fontSize,
    titleFontWeight: 'normal',
    titlePadding: 8,
  },
  text: { color: colours.quiet, fontSize },
};
