import { concatBytes } from '../../src/base/index.js';
import {
  type Channel,
  decodeJournal,
  encodeJournalBegin,
  encodeJournalRecord,
  type Journal,
  newJournalBegin,
  type Party,
  secretOf,
} from '../../src/protocol/index.js';

/** When a process dies: at which of its writes (journal, ledger, network, in their order), and how much of it is done. */
export interface Kill {
  readonly write: number;
  readonly how: 'before' | 'torn' | 'after';
}

/** What a process that was killed rejects with; none of the product's errors. */
export class Killed extends Error {}

/** A process that may be killed at any write: nothing that it does afterwards has an effect. */
export class Process {
  readonly #kill: Kill | undefined;
  #writes = 0;
  #isDead = false;

  constructor(kill?: Kill) {
    this.#kill = kill;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get writes(): number {
    return this.#writes;
  }

  async write<T>(whole: () => Promise<T> | T, torn?: () => void): Promise<T> {
    if (this.#isDead) throw new Killed();
    const write = this.#writes++;
    if (write !== this.#kill?.write) return whole();
    this.#isDead = true;
    if (this.#kill.how === 'torn') torn?.();
    if (this.#kill.how === 'after') await whole();
    throw new Killed();
  }
}

/** A journal's file in memory, which outlives processes. */
export class JournalDisk {
  bytes: Uint8Array | undefined;
  readonly #role: Party;
  readonly #commitment: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(options: { role: Party; commitment: Uint8Array; secret: Uint8Array }) {
    this.#role = options.role;
    this.#commitment = options.commitment;
    this.#secret = options.secret;
  }

  /** What a new process reads, and writes as long as it lives. */
  open(process: Process): Journal {
    const found = this.bytes && decodeJournal(this.bytes);
    const begin =
      found?.begin ??
      newJournalBegin({ role: this.#role, commitment: this.#commitment, secret: this.#secret });
    let end = found?.end;
    return {
      secret: secretOf(begin),
      records: found?.records ?? [],
      append: (record) => {
        const start = end ? { bytes: new Uint8Array(), end } : encodeJournalBegin(begin);
        const next = encodeJournalRecord(start.end, record);
        const before = end ? (this.bytes ?? new Uint8Array()).subarray(0, end.length) : start.bytes;
        const put = (part: Uint8Array): void => {
          this.bytes = concatBytes(before, part);
        };
        return process.write(
          () => {
            put(next.bytes);
            ({ end } = next);
          },
          // The first record is written whole or not at all, with the file.
          () => {
            if (end) put(next.bytes.subarray(0, Math.floor(next.bytes.length / 2)));
          },
        );
      },
    };
  }
}

/** A process's end of a connection. */
export function mortalChannel(
  channel: Channel,
  process: Process,
  onSend: (bytes: Uint8Array) => void,
): Channel {
  return {
    send: (bytes) =>
      process.write(async () => {
        onSend(bytes);
        await channel.send(bytes);
      }),
    receive: (seconds, expected) => channel.receive(seconds, expected),
    close: () => channel.close(),
    ...(channel.gone && { gone: channel.gone }),
  };
}

/** What a line does to a message on its way. */
export type Fault = 'none' | 'drop' | 'duplicate' | 'truncate' | 'delay';

/** A line that treats the messages sent over it, in their order, as told; a delayed one comes after the next. No wait is long. */
export function faultyChannel(channel: Channel, faults: readonly Fault[]): Channel {
  const left = [...faults];
  const held: Uint8Array[] = [];
  return {
    send: async (bytes) => {
      const fault = left.shift() ?? 'none';
      if (fault === 'delay') {
        held.push(bytes);
        return;
      }
      const sent = fault === 'drop' ? [] : fault === 'duplicate' ? [bytes, bytes] : [bytes];
      for (const one of [...sent, ...held.splice(0)]) {
        await channel.send(fault === 'truncate' ? one.subarray(0, one.length >> 1) : one);
      }
    },
    receive: (seconds, expected) => channel.receive(Math.min(seconds, 0.1), expected),
    close: () => channel.close(),
    ...(channel.gone && { gone: channel.gone }),
  };
}
