import {
  fisher,
  mapCharge,
  type Stakes,
  type Table,
  tail,
  threshold,
  thresholdWithin,
  upperBound,
  wins,
} from '../statistics.js';

const usual = { alphaBits: 40, grindingBits: 40, suspectBits: 20 };

const tails: readonly (readonly [trials: number, successes: number, c: number])[] = [
  [1, 0, 2],
  [1, 1, 2],
  [1, 2, 2],
  [3, 2, 3],
  [10, 0, 10],
  [40, 36, 10],
  [40, 35, 10],
  [40, 40, 10],
  [16, 12, 1000],
  [100, 46, 10],
  [100, 65, 10],
  [128, 128, 2],
  [40, 40, 100_000],
];

const stakes: Record<string, Stakes> = {
  'the default: 10 classes, 3 batches of 40': { c: 10, batchSize: 40, batches: 3, ...usual },
  'the default, 20 bits for grinding': {
    c: 10,
    batchSize: 40,
    batches: 3,
    ...usual,
    grindingBits: 20,
  },
  'natural classes among 10': { c: 9, batchSize: 40, batches: 3, ...usual },
  'one batch': { c: 10, batchSize: 40, batches: 1, ...usual },
  '1,000 classes, batches of 16': { c: 1000, batchSize: 16, batches: 3, ...usual },
  'two classes, batches of 102': { c: 2, batchSize: 102, batches: 3, ...usual },
  'two classes, batches of 103': { c: 2, batchSize: 103, batches: 3, ...usual },
  'two classes, batches of 128': { c: 2, batchSize: 128, batches: 3, ...usual },
  'two classes, 4 batches of 103, on the edge': { c: 2, batchSize: 103, batches: 4, ...usual },
  'ten classes, batches of 30': { c: 10, batchSize: 30, batches: 3, ...usual },
  'ten classes, batches of 31': { c: 10, batchSize: 31, batches: 3, ...usual },
  'no allowances': {
    c: 4,
    batchSize: 2,
    batches: 1,
    alphaBits: 1,
    grindingBits: 0,
    suspectBits: 0,
  },
};

const labelMaps: readonly (readonly [classes: number, labelMap: readonly number[]])[] = [
  [3, [0, 1, 2]],
  [3, [0, -1, 2]],
  [3, [0, 1, 2, -1, -1]],
  [3, [-1, -1]],
  [3, [1, 0, 2]],
  [3, [2, 1, 0, -1]],
  [3, [1, 0]],
  [3, [0, 0, 2]],
  [3, [0, 1, 2, 2]],
  [10, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
];

const tables: readonly Table[] = [
  [3, 4, 1, 4],
  [10, 12, 3, 18],
  [8, 9, 2, 7],
  [0, 5, 5, 10],
  [5, 5, 0, 10],
  [40, 40, 200, 400],
  [3, 40, 30, 400],
  [5, 40, 0, 400],
  [0, 40, 0, 400],
  [0, 0, 1, 2],
];

const bounds: readonly (readonly [trials: number, successes: number, levelPpm: number])[] = [
  [1, 0, 1000],
  [1, 1, 1000],
  [2, 1, 500_000],
  [10, 0, 25_000],
  [10, 1, 25_000],
  [10, 5, 25_000],
  [20, 0, 25_000],
  [20, 4, 50_000],
  [25, 5, 25_000],
  [29, 1, 25_000],
  [29, 28, 25_000],
  [40, 0, 1000],
  [40, 39, 1],
  [100, 0, 50_000],
  [148, 15, 25_000],
];

const bounded: Record<string, readonly [chancePpm: number, Stakes]> = {
  'null models match as chance does': [154_424, { c: 10, batchSize: 40, batches: 3, ...usual }],
  'null models match a third': [333_333, { c: 10, batchSize: 40, batches: 3, ...usual }],
  'null models match all': [1_000_000, { c: 10, batchSize: 40, batches: 3, ...usual }],
  'on the edge: a half, 103 of 103': [500_000, { c: 2, batchSize: 103, batches: 4, ...usual }],
  'beyond the edge: a half and a millionth': [
    500_001,
    { c: 2, batchSize: 103, batches: 4, ...usual },
  ],
};

function whole(c: number, batchSize: number): number {
  for (let size = batchSize; ; size++) {
    if (wins({ c, batchSize: size, batches: 3, ...usual }, size)) return size;
  }
}

export function statisticsVectors() {
  return {
    about:
      'Exact tails P[Bin(trials, 1/c) >= successes] and thresholds (decision.md). atMost is the largest b with tail <= 2^-b; threshold is -1 where even a whole batch does not win. All with a plain label map, whose charge is 2; labelMaps have the charges of others. bounds are those of Clopper and Pearson (upperPpm), bounded the thresholds with such a bound in place of 1/c: batchSize + 1 where even a whole batch does not win. fisher: one-sided exact tests of tables [with, of, with, of].',
    tails: tails.map(([trials, successes, c]) => {
      const { numerator, denominator } = tail(trials, successes, BigInt(c));
      let atMost = -1;
      while (numerator > 0n && numerator << BigInt(atMost + 1) <= denominator) atMost++;
      return {
        trials,
        successes,
        c,
        numerator: String(numerator),
        denominator: String(denominator),
        ...(numerator > 0n && { atMost }),
      };
    }),
    thresholds: Object.entries(stakes).map(([name, case_]) => ({
      name,
      ...case_,
      threshold: threshold(case_),
    })),
    bounds: bounds.map(([trials, successes, levelPpm]) => ({
      trials,
      successes,
      levelPpm,
      upperPpm: upperBound(trials, successes, levelPpm),
    })),
    bounded: Object.entries(bounded).map(([name, [chancePpm, case_]]) => ({
      name,
      chancePpm,
      ...case_,
      threshold: thresholdWithin(chancePpm, case_),
    })),
    labelMaps: labelMaps.map(([classes, labelMap]) => ({
      classes,
      labelMap,
      charge: String(mapCharge(labelMap, classes)),
    })),
    fisher: tables.map((table) => {
      const { numerator, denominator } = fisher(table);
      return { table, numerator: String(numerator), denominator: String(denominator) };
    }),
    smallestBatches: [2, 3, 10, 100, 1000].map((c) => ({
      c,
      batches: 3,
      ...usual,
      smallestBatch: whole(c, 1),
    })),
  };
}
