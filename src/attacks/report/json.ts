import { canonicalBytes, type Json } from '../../base/index.js';
import { type AttackRecord, decimalText } from '../record.js';
import {
  accuracyLost,
  allowedAccuracyLoss,
  isUsable,
  markLost,
  strongest,
  succeeds,
} from '../success.js';
import { notTried } from './lead.js';
import type { ReportInput } from './page.js';
import { numberAttacks } from './rows.js';

/**
 * The report for programs, canonical JSON: the records in their order, each with what the page computes from it. Numbers that
 * are not whole are decimal text.
 */
export function reportJson({ records, known }: Omit<ReportInput, 'contactSheet'>): Uint8Array {
  const attacks = numberAttacks(records);
  return canonicalBytes({
    kind: 'veilmark/attack-report',
    version: 1,
    allowedAccuracyLoss,
    attacks: attacks.map(({ record, succeeded }) => ({
      record,
      succeeded,
      strongest: record.points.indexOf(strongest(record)),
      points: record.points.map((point) => computed(record, point)),
    })),
    succeeded: attacks.filter(({ succeeded }) => succeeded).length,
    notTried: notTried(attacks, known).map(({ attack }) => attack),
  });
}

function computed(record: AttackRecord, point: AttackRecord['points'][number]): Json {
  return {
    /** In percentage points. */
    accuracyLost: decimalText(accuracyLost(record, point)),
    markLost: decimalText(markLost(record, point)),
    withinAllowance: isUsable(record, point),
    succeeded: succeeds(record, point),
  };
}
