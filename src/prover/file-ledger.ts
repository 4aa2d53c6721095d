import { Type } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  EvidenceError,
  InputError,
  parseCanonical,
  unreachable,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { readFileLimited, withLock, writeFileAtomic } from '../files/index.js';
import { SpentBatch } from '../protocol/index.js';
import { admitSpending, type Ledger, type Spending } from './ledger.js';
import { Offers } from './offers.js';

const firstLine = 'veilmark/ledger/1\n';
const digestTag = 'veilmark/ledger-digest/1';
const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Body = Type.Object(
  {
    commitment: Hex32,
    spendings: Type.Array(
      Type.Object({ ...SpentBatch.properties, challenge: Hex32 }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);

/** The ledger of one commitment as a file beside the mark: a first line, canonical JSON, a digest against accidents. */
export function encodeLedger(commitment: Uint8Array, spendings: readonly Spending[]): Uint8Array {
  const body = canonicalBytes({
    commitment: bytesToHex(commitment),
    spendings: spendings.map((spending) => ({ ...spending })),
  });
  const digest = bytesToHex(taggedHash(digestTag, [body]));
  return concatBytes(utf8ToBytes(firstLine), body, utf8ToBytes(`\n${digest}\n`));
}

/** Whether bytes start as a ledger does. */
export function isLedger(file: Uint8Array): boolean {
  return equalBytes(file.subarray(0, firstLine.length), utf8ToBytes(firstLine));
}

/** Reads a ledger file. Throws `InputError` `ledger.format`. */
export function decodeLedger(file: Uint8Array): {
  commitment: string;
  spendings: readonly Spending[];
} {
  const body = file.subarray(firstLine.length, -66);
  const digest = utf8ToBytes(`\n${bytesToHex(taggedHash(digestTag, [body]))}\n`);
  if (!isLedger(file) || !equalBytes(file.subarray(-66), digest)) {
    throw new InputError({
      code: 'ledger.format',
      message: 'the ledger of spent batches is damaged',
      hint: 'restore its newest copy: with an older one a batch could be opened twice',
    });
  }
  return parseCanonical({ bytes: body, schema: Body, what: 'ledger', code: 'ledger.format' });
}

/** A ledger on disk; every spending is flushed before it counts. */
export class FileLedger implements Ledger {
  readonly offers = new Offers();
  readonly #path: string;
  readonly #commitment: Uint8Array;

  constructor(path: string, commitment: Uint8Array) {
    this.#path = path;
    this.#commitment = commitment;
  }

  async spent(): Promise<SpentBatch[]> {
    return (await this.#read())
      .map(({ batch, judge, receipt, session }) => ({ batch, judge, receipt, session }))
      .sort((a, b) => a.batch - b.batch);
  }

  async spend(spending: Spending): Promise<void> {
    await withLock(this.#path, async () => {
      const recorded = await this.#read();
      const admission = admitSpending(recorded, spending);
      switch (admission) {
        case 'known':
          return;
        case 'new':
          await writeFileAtomic(
            this.#path,
            encodeLedger(this.#commitment, [...recorded, spending]),
            { mode: 0o600 },
          );
          return;
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

  async #read(): Promise<readonly Spending[]> {
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
