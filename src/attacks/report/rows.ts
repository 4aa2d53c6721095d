import type { AttackPoint, AttackRecord } from '../record.js';
import { accuracyLost, allowedAccuracyLoss, isUsable, strongest, succeeds } from '../success.js';
import { decimal } from './text.js';

/** A record with its number in the report and the point that speaks for it. */
export interface NumberedAttack {
  /** From 1, in the order of the records. */
  readonly number: number;
  readonly record: AttackRecord;
  readonly point: AttackPoint;
  readonly succeeded: boolean;
}

/** Attacks on one model with one mark, measured on the same images by the same policy: what one picture may compare. */
export type AttackGroup = readonly [NumberedAttack, ...NumberedAttack[]];

export function numberAttacks(records: readonly AttackRecord[]): NumberedAttack[] {
  return records.map((record, i) => {
    const point = strongest(record);
    return { number: i + 1, record, point, succeeded: succeeds(record, point) };
  });
}

/** The attacks by model, mark and yardstick, in the order in which each first comes. */
export function groupAttacks(attacks: readonly NumberedAttack[]): AttackGroup[] {
  const groups = new Map<string, [NumberedAttack, ...NumberedAttack[]]>();
  for (const attack of attacks) {
    const { model, commitment, before } = attack.record;
    const yardstick = [
      before.test.total,
      before.triggers.total,
      before.batchSize,
      before.threshold,
    ];
    const key = [model, commitment, ...yardstick].join();
    const group = groups.get(key);
    if (group) group.push(attack);
    else groups.set(key, [attack]);
  }
  return [...groups.values()];
}

/** Whether a point succeeded and, if not, why not, in words. */
export function resultOf(
  record: AttackRecord,
  point: AttackPoint,
): { readonly word: 'succeeded' | 'failed'; readonly reason: string } {
  if (succeeds(record, point)) return { word: 'succeeded', reason: '' };
  const reasons = [
    ...(point.after.verdict === 'proved' ? ['mark still proved'] : []),
    ...(isUsable(record, point) ? [] : [`more than ${allowedAccuracyLoss} points lost`]),
  ];
  return { word: 'failed', reason: reasons.join(', ') };
}

/** A point of a sweep by its place on the axis, another by its label: `sparsity 0.9`. */
export function pointName({ axis }: AttackRecord, { label, value }: AttackPoint): string {
  return axis === undefined ? label : `${axis} ${value}`;
}

/** `0.50 points lost`, or gained. */
export function changeWords(record: AttackRecord, point: AttackPoint): string {
  const lost = accuracyLost(record, point);
  const size = `${decimal(Math.abs(lost), 2)}\u00a0points`;
  return lost === 0 ? 'unchanged' : lost > 0 ? `${size} lost` : `${size} gained`;
}
