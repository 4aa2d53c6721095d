import { type AttackRecord, type Measurement, strongest, succeeds } from '../attacks/index.js';
import { percent, table } from './terminal.js';

/** A row for each attack: of a sweep the point that loses most of the mark within 5 points of accuracy. */
export function attackTable(records: readonly AttackRecord[]): string {
  const heading = ['attack', 'variant', 'test before', 'after', 'triggers', 'owner’s head'];
  const rows = records.map((record) => {
    const point = strongest(record);
    const { test, triggers, log2P, verdict } = point.after;
    return [
      record.attack,
      point.label.slice(0, 40),
      share(record.before.test),
      share(test),
      share(triggers),
      point.ownerHead ? share(point.ownerHead.triggers) : '',
      `2^${Number(log2P).toFixed(1)}`,
      verdict,
      record.otherTask !== undefined
        ? 'other task'
        : succeeds(record, point)
          ? 'MARK LOST'
          : 'mark kept',
      Number(record.cost.epochs).toFixed(0),
      String(record.cost.queries),
    ];
  });
  const more = ['chance', 'verdict', 'result', 'epochs', 'queries'];
  return table([[...heading, ...more], ...rows]);
}

function share({ correct, total }: Measurement['test']): string {
  return percent(correct, total);
}
