import { existsSync } from 'node:fs';

import { VeilmarkError } from '../base/index.js';
import type { FileJournal, SessionFolder } from '../journal/index.js';
import type { Channel, SessionRecord, SpentBatch } from '../protocol/index.js';
import { challengedBatch, type OwnerOptions, runOwner } from '../prover/index.js';
import { silentChannel } from '../transport/index.js';
import { keepTranscript } from './transcript-file.js';

/** How a connection to an owner ended. */
export type DeskResult =
  /** The session is over; `path` is its transcript, where it is worth keeping. */
  | { readonly kind: 'over'; readonly record: SessionRecord; readonly path?: string }
  /** It waits in its journal for the judge to come back. */
  | { readonly kind: 'waiting'; readonly name: string; readonly error: VeilmarkError };

interface Running {
  readonly channel: Channel;
  readonly ended: Promise<unknown>;
}

type DeskOptions = Omit<OwnerOptions, 'channel' | 'journalOf' | 'others'>;

/** Runs an owner's sessions from their journals, each on one connection at a time, and archives them. */
export class OwnerDesk {
  readonly #sessions: SessionFolder;
  readonly #options: DeskOptions;
  readonly #running = new Map<string, Running>();
  /** Sessions that were seen to hold no batch any more. */
  #past: ReadonlySet<string> = new Set();

  constructor(sessions: SessionFolder, options: DeskOptions) {
    this.#sessions = sessions;
    this.#options = options;
  }

  /** What a judge's connection brings: a new session, or one to go on with. Throws as `runOwner` and `openJournal` do. */
  async serve(
    channel: Channel,
    { onStage }: Pick<OwnerOptions, 'onStage'> = {},
  ): Promise<DeskResult> {
    let journal: FileJournal | undefined;
    let name = '';
    const over = { isOver: false };
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const journalOf = async (hello: Uint8Array) => {
      name = this.#sessions.nameOf(hello);
      await this.#takeOver(name, { channel, ended });
      const taken = await this.#sessions.take(hello, { isCarried: channel.isCarried === true });
      if (taken.kind === 'open') journal = taken.journal;
      over.isOver = taken.kind === 'over';
      return taken.journal;
    };
    try {
      const others = {
        held: () => this.#held(),
        alone: <T>(work: () => Promise<T>) => this.#sessions.alone(work),
      };
      const record = await runOwner({ ...this.#options, channel, onStage, journalOf, others });
      const path = this.#sessions.transcriptPath(name);
      if (over.isOver) return { kind: 'over', record, path };
      if (!isWorthKeeping(record)) {
        await journal?.remove();
        return { kind: 'over', record };
      }
      await keepTranscript(path, record.transcript, { mode: 0o600 });
      await journal?.remove();
      return { kind: 'over', record, path };
    } catch (error) {
      const isKept = journal !== undefined && existsSync(journal.path);
      if (isKept && error instanceof VeilmarkError && isAwaiting(error)) {
        return { kind: 'waiting', name, error };
      }
      throw error;
    } finally {
      await journal?.close();
      if (this.#running.get(name)?.channel === channel) this.#running.delete(name);
      end();
    }
  }

  /** Ends a waiting session whose judge has let its time pass; nothing where it went on meanwhile, or goes by files. */
  async expire(name: string): Promise<DeskResult | undefined> {
    if (this.#running.has(name)) return undefined;
    const found = await this.#sessions.find(name);
    if (!found || found.isCarried) return undefined;
    return this.serve(silentChannel(found.hello));
  }

  /** Batches that were challenged and not opened yet, in sessions of any process, running or waiting. */
  async #held(): Promise<SpentBatch[]> {
    const names = await this.#sessions.names();
    const past = new Set(names.filter((name) => this.#past.has(name)));
    const held: SpentBatch[] = [];
    for (const name of names.filter((one) => !past.has(one))) {
      const found = await this.#sessions.find(name);
      if (!found) continue;
      const batch = challengedBatch(found.records, this.#options.commitment);
      if (batch) held.push(batch);
      else if (found.records.length > 2) past.add(name);
    }
    this.#past = past;
    return held;
  }

  /** A judge that lost its connection may be back before the owner has noticed: the newest one counts. */
  async #takeOver(name: string, own: Running): Promise<void> {
    const old = this.#running.get(name);
    // At once, so that of two that come together the later waits for the earlier.
    this.#running.set(name, own);
    await old?.channel.close().catch(() => undefined);
    await old?.ended;
  }
}

/** Also a disk that is full or taken by another process may do better when the judge comes again. */
function isAwaiting({ code }: VeilmarkError): boolean {
  return ['peer.closed', 'session.waiting', 'file.write', 'file.locked'].includes(code);
}

/** Whether the owner said hello: what strangers send before that could fill the disk, and uses up no --once. */
function isWorthKeeping({ session }: SessionRecord): boolean {
  return 'ownerHello' in (session.phase === 'aborted' ? session.before : session);
}
