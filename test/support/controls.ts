import type { Controls } from '../../src/protocol/index.js';

const all = (of: number) => ({ of, with: of });

/** What a suspect leaves that hides nothing: 190 of 200 decoys right in either half, twenty repeats alike, no audited pairs. */
export const soundControls: Controls = {
  accuracy: { first: { of: 200, with: 190 }, second: { of: 200, with: 190 } },
  audited: [],
  identity: 'same',
  repeats: { across: all(10), refused: 0, within: all(10) },
};
