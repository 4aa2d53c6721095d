import { Type } from 'typebox';

import { bytesToHex, EvidenceError, InputError, unreachable } from '../base/index.js';
import { readFileLimited, withLock, writeFileAtomic } from '../files/index.js';
import type { SpentBatch } from '../protocol/index.js';
import { decodeChecked, encodeChecked, isChecked } from './checked-json.js';
import { type FileCounter, lostSpendings, restored, SpendingJson } from './counter.js';
import { admitSpending, type Ledger, type Spending } from './ledger.js';
import { Offers } from './offers.js';

const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });

const ledgerFile = {
  firstLine: 'veilmark/ledger/1\n',
  digestTag: 'veilmark/ledger-digest/1',
  schema: Type.Object(
    { commitment: Hex32, spendings: Type.Array(SpendingJson) },
    { additionalProperties: false },
  ),
  what: 'ledger of spent batches',
  code: 'ledger.format',
  hint: 'restore its newest copy: with an older one a batch could be opened twice',
} as const;

/** The ledger of one commitment as a file beside the mark: a first line, canonical JSON, a digest against accidents. */
export function encodeLedger(commitment: Uint8Array, spendings: readonly Spending[]): Uint8Array {
  return encodeChecked(ledgerFile, {
    commitment: bytesToHex(commitment),
    spendings: spendings.map((spending) => ({ ...spending })),
  });
}

/** Whether bytes start as a ledger does. */
export function isLedger(file: Uint8Array): boolean {
  return isChecked(ledgerFile, file);
}

/** Reads a ledger file. Throws `InputError` `ledger.format`. */
export function decodeLedger(file: Uint8Array): {
  commitment: string;
  spendings: readonly Spending[];
} {
  return decodeChecked(ledgerFile, file);
}

/** A ledger on disk; every spending is flushed before it counts. */
export class FileLedger implements Ledger {
  readonly offers = new Offers();
  readonly #path: string;
  readonly #commitment: Uint8Array;
  readonly #counter: FileCounter | undefined;

  /** With a `counter` that is kept elsewhere, a ledger restored from an older copy is refused (`InputError` `ledger.restored`). */
  constructor(path: string, commitment: Uint8Array, { counter }: { counter?: FileCounter } = {}) {
    this.#path = path;
    this.#commitment = commitment;
    this.#counter = counter;
  }

  async spent(): Promise<SpentBatch[]> {
    return (await this.#read())
      .map(({ batch, judge, receipt, session }) => ({ batch, judge, receipt, session }))
      .sort((a, b) => a.batch - b.batch)
      .filter(({ batch }, i, all) => batch !== all[i - 1]?.batch);
  }

  /** Begins to count what the ledger holds. */
  async count(): Promise<void> {
    await this.#counter?.record({ spendings: await this.#read(), sessions: [] });
  }

  /** Takes from the counter what a restored or lost ledger lacks; gives the number of spendings. */
  async rebuild(): Promise<number> {
    return withLock(this.#path, async () => {
      const recorded = await this.#readFile().catch((error: unknown) => {
        if (error instanceof InputError && error.code === 'file.missing') return [];
        throw error;
      });
      const lost = lostSpendings(await this.#counter?.read(), recorded);
      if (lost.length > 0) await this.#write([...recorded, ...lost]);
      return lost.length;
    });
  }

  async spend(spending: Spending): Promise<void> {
    await withLock(this.#path, async () => {
      const recorded = await this.#read();
      const admission = admitSpending(recorded, spending);
      switch (admission) {
        case 'known':
          await this.#counter?.record({ spendings: recorded, sessions: [] });
          return;
        case 'new': {
          const spendings = [...recorded, spending];
          await this.#write(spendings);
          await this.#counter?.record({ spendings, sessions: [] });
          return;
        }
        case 'second-challenge':
          throw new EvidenceError({
            code: 'ledger.second-challenge',
            message: 'this session has had another challenge; it is answered once, for ever',
          });
        case 'spent':
          throw new EvidenceError({
            code: 'ledger.spent',
            message: `batch ${spending.batch} has been opened in another session meanwhile`,
            hint: 'start a new session',
          });
        default:
          throw unreachable(admission);
      }
    });
  }

  async #write(spendings: readonly Spending[]): Promise<void> {
    await writeFileAtomic(this.#path, encodeLedger(this.#commitment, spendings), { mode: 0o600 });
  }

  async #read(): Promise<readonly Spending[]> {
    const spendings = await this.#readFile();
    const lost = lostSpendings(await this.#counter?.read(), spendings);
    if (lost.length > 0) throw restored(this.#path, `${lost.length} batches were opened since`);
    return spendings;
  }

  async #readFile(): Promise<readonly Spending[]> {
    const file = await readFileLimited(this.#path, { limit: 2 ** 26, what: 'ledger' });
    const { commitment, spendings } = decodeLedger(file);
    if (commitment !== bytesToHex(this.#commitment)) {
      throw new InputError({
        code: 'ledger.commitment',
        message: `${this.#path} is the ledger of another commitment`,
        hint: 'restore the ledger that `veilmark commit` wrote beside this mark, in its newest copy',
      });
    }
    return spendings;
  }
}
