import { VeilmarkError } from '../base/index.js';
import type { FileJournal, SessionFolder, WaitingSession } from '../journal/index.js';
import type { Channel, SessionRecord } from '../protocol/index.js';
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

/** Runs an owner's sessions from their journals, each on one connection at a time, and archives them. */
export class OwnerDesk {
  readonly #sessions: SessionFolder;
  readonly #options: Omit<OwnerOptions, 'channel' | 'journalOf'>;
  readonly #running = new Map<string, Running>();

  constructor(sessions: SessionFolder, options: Omit<OwnerOptions, 'channel' | 'journalOf'>) {
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
      const archived = await this.#sessions.ended(hello);
      name = this.#sessions.nameOf(hello);
      over.isOver = archived !== undefined;
      if (archived) return archived;
      await this.#takeOver(name);
      this.#running.set(name, { channel, ended });
      return (journal = await this.#sessions.open(hello));
    };
    try {
      const record = await runOwner({ ...this.#options, channel, onStage, journalOf });
      const path = this.#sessions.transcriptPath(name);
      if (over.isOver) return { kind: 'over', record, path };
      if (!isWorthKeeping(record)) return { kind: 'over', record };
      await keepTranscript(path, record.transcript, { mode: 0o600 });
      await journal?.remove();
      return { kind: 'over', record, path };
    } catch (error) {
      const isKept = journal !== undefined && error instanceof VeilmarkError;
      if (isKept && isAwaiting(error)) return { kind: 'waiting', name, error };
      throw error;
    } finally {
      await journal?.close();
      if (this.#running.get(name)?.channel === channel) this.#running.delete(name);
      end();
    }
  }

  /** Keeps the batches of sessions that wait in their journals from others, and gives those sessions. */
  async holdWaiting(): Promise<readonly WaitingSession[]> {
    const { commitment, ledger } = this.#options;
    const waiting = await this.#sessions.waiting();
    for (const { records } of waiting) {
      const batch = challengedBatch(records, commitment);
      if (batch) ledger.offers.hold(batch);
    }
    return waiting;
  }

  /** Ends a waiting session whose judge has let its time pass; nothing where it went on meanwhile. */
  async expire(name: string): Promise<DeskResult | undefined> {
    if (this.#running.has(name)) return undefined;
    const found = (await this.#sessions.waiting()).find((one) => one.name === name);
    return found && this.serve(silentChannel(found.hello));
  }

  /** A judge that lost its connection may be back before the owner has noticed: the newest one counts. */
  async #takeOver(name: string): Promise<void> {
    for (let old = this.#running.get(name); old; old = this.#running.get(name)) {
      await old.channel.close().catch(() => undefined);
      await old.ended;
    }
  }
}

function isAwaiting({ code }: VeilmarkError): boolean {
  return ['peer.closed', 'session.waiting'].includes(code);
}

/** Whether the owner said hello: what strangers send before that could fill the disk, and uses up no --once. */
function isWorthKeeping({ session }: SessionRecord): boolean {
  return 'ownerHello' in (session.phase === 'aborted' ? session.before : session);
}
