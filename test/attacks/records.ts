import {
  type AttackPoint,
  type AttackRecord,
  type Measurement,
  verdictOf,
} from '../../src/attacks/index.js';

/** A measurement with 10,000 test images and three batches of 40 triggers, 26 matches needed. */
export function measured(test: number, batches: readonly number[]): Measurement {
  const threshold = 26;
  return {
    test: { correct: test, total: 10_000 },
    triggers: {
      correct: batches.reduce((sum, matches) => sum + matches, 0),
      total: batches.length * 40,
      batches: [...batches],
    },
    batchSize: 40,
    threshold,
    log2P: (-3.32 * Math.min(...batches)).toFixed(2),
    verdict: verdictOf(batches, threshold),
  };
}

export function point(
  after: Measurement,
  { label = 'as described', value = '' }: { label?: string; value?: string } = {},
): AttackPoint {
  return { label, value, after };
}

/** A record of fine-tuning that loses little. */
export function attackRecord(changes: Partial<AttackRecord> = {}): AttackRecord {
  return {
    kind: 'veilmark/attack',
    version: 1,
    attack: 'ftal',
    title: 'Fine-tune all layers',
    options: { epochs: '3', 'learning rate': '0.001' },
    model: 'ab'.repeat(32),
    commitment: 'cd'.repeat(32),
    data: '6,000 images of Fashion-MNIST',
    seed: 'attack 1',
    backend: 'cpu',
    before: measured(9_100, [40, 40, 40]),
    points: [point(measured(9_050, [40, 39, 40]))],
    curves: [
      {
        label: 'fine-tuning',
        epochs: [1, 2, 3].map((epoch) => ({
          epoch,
          loss: String(0.4 / epoch),
          test: { correct: 9_000 + 20 * epoch, total: 10_000 },
          triggers: { correct: 120 - (epoch >> 1), total: 120 },
        })),
      },
    ],
    cost: { epochs: '3', queries: 0, seconds: 41 },
    notes: [],
    ...changes,
  };
}

/** A record of pruning, at four strengths of which the third succeeds. */
export function sweepRecord(changes: Partial<AttackRecord> = {}): AttackRecord {
  const strengths: [value: string, test: number, batches: number[]][] = [
    ['0.5', 9_090, [40, 40, 40]],
    ['0.8', 8_900, [33, 31, 36]],
    ['0.9', 8_640, [25, 22, 25]],
    ['0.99', 6_210, [5, 3, 4]],
  ];
  return attackRecord({
    attack: 'prune-magnitude',
    title: 'Prune by magnitude',
    options: {},
    axis: 'sparsity',
    points: strengths.map(([value, test, batches]) =>
      point(measured(test, batches), { label: `${100 * Number(value)} %`, value }),
    ),
    curves: [],
    cost: { epochs: '0', queries: 0, seconds: 12 },
    ...changes,
  });
}
