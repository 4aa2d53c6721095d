import type { SpentBatch } from '../protocol/index.js';

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
  /**
   * Runs a session's part from the owner's first message to the openings while no other session is in it, so that two
   * judges are never offered the same batch.
   */
  turn<T>(work: () => Promise<T>): Promise<T>;
}

/** Lets one piece of work in at a time, in the order of asking. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  enter<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
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
