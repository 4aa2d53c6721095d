import type { AttackRecord, ReportInput } from '../../../src/attacks/index.js';
import { attackRecord, measured, point, sweepRecord } from '../records.js';

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const sheet = `data:image/png;base64,${pixel}`;

/** Records of every kind: with and without curves, a sweep, the owner's last layer, a second mark. */
export const records: readonly AttackRecord[] = [
  attackRecord(),
  attackRecord({
    attack: 'rtll',
    title: 'Retrain the last layer',
    points: [{ ...point(measured(9_080, [12, 9, 14])), ownerHead: measured(9_060, [40, 39, 40]) }],
    notes: ['The last layer was drawn anew.'],
  }),
  sweepRecord(),
  attackRecord({
    attack: 'overwrite',
    title: 'Overwrite with another mark',
    second: { before: measured(9_100, [5, 3]), after: measured(9_010, [40, 40]) },
    curves: [],
    cost: { epochs: '2.5', queries: 60_000, seconds: 3_725 },
  }),
];

export const input: ReportInput = {
  records,
  known: [
    { attack: 'ftal', title: 'fine-tuning' },
    { attack: 'distil', title: 'distilling' },
  ],
};
