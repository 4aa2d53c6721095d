import type { AttackPoint, AttackRecord, Counts, MeasuredVerdict } from './record-schema.js';

/** Percentage points of test accuracy that an attack may cost before it counts as having broken the model, too. */
export const allowedAccuracyLoss = 5;

/** Percentage points of test accuracy that a point lost; negative where it gained. For people; `isUsable` decides. */
export function accuracyLost(record: AttackRecord, point: AttackPoint): number {
  return pointsLost(record.before.test, point.after.test);
}

/** Percentage points of all hidden triggers that a point lost: 100 where all matched before and none does after. */
export function markLost(record: AttackRecord, point: AttackPoint): number {
  return pointsLost(record.before.triggers, point.after.triggers);
}

/** Whether a point's test accuracy fell by at most `allowedAccuracyLoss` points, exactly. */
export function isUsable(record: AttackRecord, point: AttackPoint): boolean {
  const { numerator, denominator } = difference(record.before.test, point.after.test);
  return 100n * numerator <= BigInt(allowedAccuracyLoss) * denominator;
}

/**
 * Whether an attack succeeded at a point: the attacker's own model no longer gives the verdict `proved`, in some batch at
 * least, while its test accuracy fell by at most 5 points. The owner's last layer put back does not count, and a model for another
 * task is no success: it does not do what was stolen.
 */
export function succeeds(record: AttackRecord, point: AttackPoint): boolean {
  const isSameTask = record.otherTask === undefined;
  return isSameTask && point.after.verdict !== 'proved' && isUsable(record, point);
}

/**
 * The point of a record that speaks for it: among those within 5 points of test accuracy the one that loses most of the
 * mark, by verdict, then by triggers; of equals the one with the higher test accuracy, then the first. If every point
 * lost more than 5 points, the one that lost the least. It succeeds whenever any point of the record does.
 */
export function strongest(record: AttackRecord): AttackPoint {
  const usable = record.points.filter((point) => isUsable(record, point));
  const key = usable.length > 0 ? strengthKey : (point: AttackPoint) => [point.after.test.correct];
  const [first, ...rest] = usable.length > 0 ? usable : record.points;
  if (first === undefined) throw new Error('a record without points');
  return rest.reduce((best, point) => (compare(key(point), key(best)) > 0 ? point : best), first);
}

const rank = { proved: 0, partly: 1, 'not-proved': 2 } as const satisfies Record<
  MeasuredVerdict,
  number
>;

function strengthKey({ after }: AttackPoint): readonly number[] {
  return [rank[after.verdict], -after.triggers.correct, after.test.correct];
}

/** The sign of the first difference; the totals are the same for all points of a record. */
function compare(a: readonly number[], b: readonly number[]): number {
  return a.map((value, i) => value - (b[i] ?? 0)).find((sign) => sign !== 0) ?? 0;
}

function pointsLost(before: Counts, after: Counts): number {
  const { numerator, denominator } = difference(before, after);
  return (100 * Number(numerator)) / Number(denominator);
}

/** before − after as an exact fraction. */
function difference(
  before: Counts,
  after: Counts,
): { readonly numerator: bigint; readonly denominator: bigint } {
  const [b, n, a, m] = [before.correct, before.total, after.correct, after.total].map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { numerator: b * m - a * n, denominator: n * m };
}
