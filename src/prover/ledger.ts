import type { SpentBatch } from '../protocol/index.js';
import type { Offers } from './offers.js';

/** A batch about to be opened: the judge's receipt, and the session that it belongs to. */
export interface Spending extends SpentBatch {
  /** Chain head after the challenge, in hexadecimal: one challenge a session, for ever. */
  readonly challenge: string;
}

/**
 * The owner's durable memory. `spend` must be on disk before its promise resolves; it rejects with `EvidenceError`
 * `ledger.second-challenge` when the session had another challenge, `ledger.spent` when another session took the batch.
 */
export interface Ledger {
  /** Batches opened so far, ascending. */
  spent(): Promise<SpentBatch[]>;
  spend(spending: Spending): Promise<void>;
  /** What this process's sessions have been offered meanwhile. */
  readonly offers: Offers;
}

/** Whether a spending may be recorded after others, and whether it is there already. Pure: both ledgers use it. */
export function admitSpending(
  recorded: readonly Spending[],
  spending: Spending,
): 'new' | 'known' | 'second-challenge' | 'spent' {
  const sameSession = recorded.find(({ session }) => session === spending.session);
  if (sameSession) {
    return sameSession.challenge === spending.challenge ? 'known' : 'second-challenge';
  }
  return recorded.some(({ batch }) => batch === spending.batch) ? 'spent' : 'new';
}
