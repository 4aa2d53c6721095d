import { EvidenceError } from '../base/index.js';
import type { SpentBatch } from '../protocol/index.js';

/** How long a session waits for others, and what ends that before: its judge is gone. */
export interface Patience {
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
}

/** A session that may come back to its turn after its line was cut. */
export interface Return {
  readonly name: string;
  /** Whether a failure was such a cut. */
  readonly isCut: (error: unknown) => boolean;
}

/** How long a turn lasts, its cuts included, if a judge whose line was cut in it may come back: one that connects again does so at once. */
const longestReturn = 10;

/**
 * What the running sessions of one process have been offered, so that two judges are never offered the same batch.
 *
 * From the owner's hello to the challenge one session is served at a time: which batch it takes is open until the coins are, and two
 * sessions under way at once could get the same one, of which the later would end as if the owner had stopped. That part is one
 * round trip, and its deadline is short. From the challenge on the batch is held by its session, however long proving takes; others
 * are told that it is spent, with the receipt that its judge has just signed.
 */
export class Offers {
  readonly #held = new Map<string, SpentBatch>();
  readonly #queue: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();
  #isTaken = false;
  /** The session whose turn it is, though its line was cut. */
  #absent:
    | { readonly name: string; readonly began: number; readonly deadline: NodeJS.Timeout }
    | undefined;
  readonly #returnSeconds: number;

  constructor({ returnSeconds = longestReturn } = {}) {
    this.#returnSeconds = returnSeconds;
  }

  /** Batches that sessions hold now. */
  get held(): SpentBatch[] {
    return [...this.#held.values()];
  }

  /**
   * Runs `work`, which hears how many seconds of its turn are gone, while no other session is in it. A session whose line is cut in
   * the first ten seconds of its turn keeps it until they are over, so that it may come back under its name: its judge may have
   * taken a batch of those offered already. Throws `EvidenceError` `prove.busy` where its turn does not come in time.
   */
  async turn<T>(patience: Patience, work: (used: number) => Promise<T>, back?: Return): Promise<T> {
    const began = await this.#enter(patience, back?.name);
    try {
      const result = await work((performance.now() - began) / 1000);
      this.#leave();
      return result;
    } catch (error) {
      const left = began + 1000 * this.#returnSeconds - performance.now();
      if (back?.isCut(error) === true && left > 0) this.#keep({ name: back.name, began }, left);
      else this.#leave();
      throw error;
    }
  }

  /** Keeps a batch from other sessions until what it returns is called. */
  hold(batch: SpentBatch): () => void {
    this.#held.set(batch.session, batch);
    return () => {
      this.#held.delete(batch.session);
      for (const wake of this.#watchers) wake();
    };
  }

  /** Waits until a held batch is let go. Throws `EvidenceError` `prove.busy`. */
  async released(patience: Patience): Promise<void> {
    await waited(patience, (wake) => {
      this.#watchers.add(wake);
      return () => this.#watchers.delete(wake);
    });
  }

  /** Gives when the turn began. */
  async #enter(patience: Patience, name: string | undefined): Promise<number> {
    const absent = this.#absent;
    if (absent && absent.name === name) {
      clearTimeout(absent.deadline);
      this.#absent = undefined;
      return absent.began;
    }
    if (!this.#isTaken) {
      this.#isTaken = true;
      return performance.now();
    }
    await waited(patience, (wake) => {
      this.#queue.push(wake);
      return () => {
        const place = this.#queue.indexOf(wake);
        if (place >= 0) this.#queue.splice(place, 1);
      };
    });
    return performance.now();
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#isTaken = false;
  }

  #keep({ name, began }: { name: string; began: number }, milliseconds: number): void {
    const deadline = setTimeout(() => {
      this.#absent = undefined;
      this.#leave();
    }, milliseconds).unref();
    this.#absent = { name, began, deadline };
  }
}

/** Waits to be woken. Who gives up leaves in the same breath, so that nobody is woken who no longer waits. */
function waited(
  { seconds, signal }: Patience,
  register: (wake: () => void) => () => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onGone);
      leave();
    };
    const giveUp = (reason: Error): void => {
      end();
      reject(reason);
    };
    const onGone = (): void => {
      giveUp(signal?.reason as Error);
    };
    const leave = register(() => {
      end();
      resolve();
    });
    const timer = setTimeout(() => {
      giveUp(busy());
    }, 1000 * seconds);
    if (signal?.aborted === true) onGone();
    else signal?.addEventListener('abort', onGone);
  });
}

function busy(): EvidenceError {
  return new EvidenceError({
    code: 'prove.busy',
    message: 'the owner is in sessions with other judges, and none of them ended in time',
    hint: 'come again later',
  });
}
