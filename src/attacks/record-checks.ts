import { InputError } from '../base/index.js';
import type { AttackRecord, Counts, Measurement, MeasuredVerdict } from './record-schema.js';

/** The verdict that matches of each batch amount to: all batches reach the threshold, some, or none. */
export function verdictOf(batches: readonly number[], threshold: number): MeasuredVerdict {
  const proving = batches.filter((matches) => matches >= threshold).length;
  return proving === batches.length ? 'proved' : proving === 0 ? 'not-proved' : 'partly';
}

/**
 * Gives a record back whose numbers agree with one another: counts within their totals, batches that add up, verdicts
 * that follow from them, and all models of a claim measured on as many images. Throws `InputError` `attack.record`
 * naming every place that does not.
 */
export function checkConsistent(record: AttackRecord): AttackRecord {
  const problems = [
    ...measurements(record).flatMap(([place, one, yardstick]) => [
      ...contradictions(one).map((problem) => `${place}: ${problem}`),
      ...(isComparable(one, yardstick)
        ? []
        : [`${place} was measured on other images or by another policy than the model before`]),
    ]),
    ...curveProblems(record),
    ...axisProblems(record),
  ];
  if (problems.length === 0) return record;
  throw new InputError({
    code: 'attack.record',
    message: `attack record: ${problems.slice(0, 8).join('; ')}`,
    hint: 'run the attack again, or leave its record out of the report',
  });
}

/** Every measurement of a record with its place and the one that it is compared with. */
function measurements({
  before,
  points,
  second,
  otherTask,
}: AttackRecord): (readonly [place: string, one: Measurement, yardstick: Measurement])[] {
  const elsewhere = { ...before, test: points[0]?.after.test ?? before.test };
  return [
    ['before', before, before],
    ...points.flatMap(({ after, ownerHead }, i) => [
      [`points/${i}/after`, after, otherTask === undefined ? before : elsewhere] as const,
      ...(ownerHead
        ? [
            [
              `points/${i}/ownerHead`,
              ownerHead,
              otherTask === undefined ? before : elsewhere,
            ] as const,
          ]
        : []),
    ]),
    ...(second
      ? [
          ['second/before', second.before, second.before] as const,
          ['second/after', second.after, second.before] as const,
        ]
      : []),
  ];
}

function contradictions({ test, triggers, batchSize, threshold, log2P, verdict }: Measurement) {
  const { batches } = triggers;
  const sum = batches.reduce((all, matches) => all + matches, 0);
  const expected = verdictOf(batches, threshold);
  return [
    ...overfull('test', test),
    ...batches
      .filter((matches) => matches > batchSize)
      .map((matches) => `${matches} matches in a batch of ${batchSize}`),
    ...(sum === triggers.correct ? [] : [`batches add up to ${sum}, not ${triggers.correct}`]),
    ...(batches.length * batchSize === triggers.total
      ? []
      : [`${batches.length} batches of ${batchSize} are not ${triggers.total} triggers`]),
    ...(threshold <= batchSize ? [] : [`threshold ${threshold} above a batch of ${batchSize}`]),
    ...(Number(log2P) <= 0 ? [] : [`log2P ${log2P} is no chance`]),
    ...(verdict === expected ? [] : [`verdict ${verdict}, the batches say ${expected}`]),
  ];
}

function isComparable(one: Measurement, yardstick: Measurement): boolean {
  return (
    one.test.total === yardstick.test.total &&
    one.triggers.total === yardstick.triggers.total &&
    one.batchSize === yardstick.batchSize &&
    one.threshold === yardstick.threshold
  );
}

function curveProblems({ curves }: AttackRecord): string[] {
  return curves.flatMap(({ epochs }, i) =>
    epochs.flatMap(({ test, triggers }, k) =>
      [...overfull('test', test), ...overfull('triggers', triggers)].map(
        (problem) => `curves/${i}/epochs/${k}: ${problem}`,
      ),
    ),
  );
}

/** A sweep has a number at each point; what is no sweep has none. */
function axisProblems({ axis, points }: AttackRecord): string[] {
  return points.flatMap(({ value }, i) => {
    if (axis === undefined) return value === '' ? [] : [`points/${i} has a value without an axis`];
    return value === '' ? [`points/${i} has no value on the axis ${axis}`] : [];
  });
}

function overfull(what: string, { correct, total }: Counts): string[] {
  return correct <= total ? [] : [`${what} has ${correct} correct of ${total}`];
}
