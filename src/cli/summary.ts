import {
  log2,
  openingStamp,
  type Outcome,
  pValueOf,
  type Session,
  whiteBoxStamp,
} from '../protocol/index.js';

/** One line for a person: the verdict, the counts and the chance. */
export function summarise({ verdict, cause, fault, decision, whiteBox }: Outcome): string {
  const parts: string[] = [verdict];
  if (whiteBox) {
    const { threshold, batch } = whiteBox;
    const chance = `chance at most 2^${log2(pValueOf(whiteBox)).toFixed(1)} before allowances`;
    parts.push(
      verdict === 'proved'
        ? `at least ${threshold} of ${batch} matched, ${chance}`
        : `${threshold} of ${batch} matches not proven`,
    );
  }
  if (decision) {
    const { matched, challenged, threshold } = decision;
    const needed = threshold > challenged ? 'no number suffices' : `${threshold} needed`;
    parts.push(
      `${matched} of ${challenged} matched (${needed})`,
      `chance 2^${log2(pValueOf(decision)).toFixed(1)} before allowances`,
    );
    if (decision.refused > 0) {
      parts.push(`${decision.refused} refused (${decision.matchedAtMost} matches at most)`);
    }
  }
  if (cause !== '') parts.push(`cause ${cause}`);
  if (fault !== 'nobody') parts.push(`fault of the ${fault}`);
  return parts.join(', ');
}

/** What must stand beside a verdict that a development key helped to reach. */
export function evidenceMark(session: Session): string {
  const isDev = openingStamp(session) === 'dev' || whiteBoxStamp(session) === 'dev';
  return isDev ? ' (NOT EVIDENCE: development key)' : '';
}
