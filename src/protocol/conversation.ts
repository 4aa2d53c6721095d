import {
  EnvironmentError,
  equalBytes,
  EvidenceError,
  InputError,
  type Json,
  VeilmarkError,
} from '../base/index.js';
import type { Channel } from './channel.js';
import type { Journal, JournalRecord } from './journal.js';
import { decodeOneMessage, encodeMessage, type Message, type Party } from './message.js';
import type { Abort } from './payloads.js';
import { type Outcome, outcomeOf, refusedDigest } from './outcome.js';
import { advance, compose, composeAbort, isSigned, largestNext } from './session.js';
import {
  isLive,
  type LiveSession,
  newSession,
  type Session,
  type SessionContext,
  turnOf,
} from './session-state.js';
import { encodeTranscript } from './transcript.js';

const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** How many times larger than allowed a message may be before the transport cuts it off. */
const excess = 8;

/** A session that ended, for the archive. */
export interface SessionRecord {
  readonly outcome: Outcome;
  /** The transcript file. */
  readonly transcript: Uint8Array;
  readonly session: Session;
}

interface Step {
  readonly message: Message;
  readonly session: Session;
  /** Whether it takes this party's own last message back. */
  readonly takesBack: boolean;
  /** That message, where it is to be shown. */
  readonly refused?: Uint8Array | undefined;
}

/** Failures after which a session with a journal waits to be gone on with: nothing about it is decided by them. */
const suspending =
  /^(peer\.(closed|unreachable)|session\.(waiting|copy|folder)|(file|journal)\..*)$/;

/** Repeats of messages taken before that are passed over while one waits for a new one. */
const maxRepeats = 64;

/**
 * One party's end of a session: keeps the state, the exact messages, and turns every failure into a signed abort. With a journal
 * it goes on where an earlier process stopped, says the same messages again byte for byte, and waits where the peer is only gone.
 */
export class Conversation {
  readonly #options: {
    readonly channel: Channel;
    readonly context: SessionContext;
    readonly party: Party;
    readonly secretKey: Uint8Array;
  };
  #session: Session = newSession;
  /** The state before this party's own last message, to which the peer's refusal of it would be chained. */
  #beforeOwn: LiveSession | undefined;
  #messages: Message[] = [];
  #refused: Uint8Array | undefined;
  #journal: Journal | undefined;
  /** What the journal holds that this process has not gone through yet. */
  #kept: JournalRecord[] = [];
  /** The peer's messages that were taken. */
  readonly #heard: Uint8Array[] = [];

  constructor(options: {
    channel: Channel;
    context: SessionContext;
    party: Party;
    secretKey: Uint8Array;
  }) {
    this.#options = options;
  }

  get session(): Session {
    return this.#session;
  }

  /** The peer's last message that was taken, as it travelled. */
  lastHeard(): Uint8Array {
    return this.#heard.at(-1) ?? new Uint8Array();
  }

  /**
   * Keeps a journal from here on: what it holds is taken from it, and what is new is on disk before it is sent. The messages so
   * far are the first that it holds, or are recorded in it. Throws `InputError` `journal.session`.
   */
  async attach(journal: Journal): Promise<void> {
    this.#journal = journal;
    this.#kept = [...journal.records];
    for (const { from, ...message } of this.#messages) {
      const kind = from === this.#options.party ? 'own' : 'peer';
      const bytes = encodeMessage({ from, ...message });
      const kept = this.#kept.shift();
      if (!kept) await journal.append({ kind, message: bytes });
      else if (kept.kind !== kind || !equalBytes(kept.message, bytes)) throw otherJournal();
    }
  }

  /** Whether the journal holds a message of this type that this process has not come to yet. */
  holds(type: string): boolean {
    return this.#kept.some(({ message }) => decodeOneMessage(message).type === type);
  }

  /** Whether a failure leaves the session as it is in the journal, for another process or connection to go on with. */
  isSuspendedBy(error: unknown): boolean {
    if (this.#journal === undefined || !(error instanceof VeilmarkError)) return false;
    return suspending.test(error.code);
  }

  /**
   * Signs and sends the next message; `payload` is called only if the journal does not hold it already. `beforeSending` runs
   * when it is final, new or not: durable records are made there. `type` names it where the turn leaves a choice.
   */
  async say(
    payload: () => Json | Promise<Json>,
    {
      type,
      beforeSending,
    }: {
      type?: () => string;
      beforeSending?: (message: Message) => Promise<void> | void;
    } = {},
  ): Promise<Session> {
    const { channel, context, secretKey } = this.#options;
    const before = this.#live();
    const [kept] = this.#kept;
    if (kept?.kind === 'abort') return this.#abortAgain(kept);
    // Archives lack an own last message that the peer's abort did not wait for.
    if (kept?.kind === 'peer') return this.hear(0);
    const next = kept
      ? this.#stepAgain(before, kept)
      : await (async () => {
          const content = await payload();
          const named = type?.() ?? turnOf(before).types[0];
          return compose({ session: before, type: named, payload: content, context, secretKey });
        })();
    await beforeSending?.(next.message);
    const bytes = encodeMessage(next.message);
    if (kept) this.#kept.shift();
    else await this.#journal?.append({ kind: 'own', message: bytes });
    this.#beforeOwn = before;
    this.#session = next.session;
    this.#messages.push(next.message);
    try {
      await channel.send(bytes);
    } catch (error) {
      // A session that this message ended is over, whether the peer heard it or not.
      if (!isLive(next.session)) return next.session;
      // What could not be sent was not heard: an owner who left before the challenge is not blamed for it.
      if (this.isSuspendedBy(error)) throw error;
      return this.abort(error);
    }
    return this.#session;
  }

  /**
   * Waits for the peer's next message and takes its step. A refused one ends the session with a signed abort. With a journal,
   * throws what suspends the session (`isSuspendedBy`).
   */
  async hear(seconds: number): Promise<Session> {
    const before = this.#live();
    const [kept] = this.#kept;
    if (kept?.kind === 'abort') return this.#abortAgain(kept);
    if (kept) {
      const step = this.#stepAgain(before, kept);
      this.#kept.shift();
      return this.#take(step, kept.message);
    }
    let bytes: Uint8Array;
    try {
      bytes = await this.#receiveNew(before, seconds);
    } catch (error) {
      if (this.isSuspendedBy(error)) throw error;
      return this.abort(error, this.#peer());
    }
    let step: Step;
    try {
      step = this.#step(before, bytes);
    } catch (error) {
      if (!(error instanceof VeilmarkError)) throw error;
      if (this.#options.channel.isCarried === true && !this.#isOfPeer(before, bytes)) {
        return this.#passOver(error);
      }
      this.#refused = bytes;
      return this.abort(error, this.#peer());
    }
    await this.#journal?.append({ kind: 'peer', message: bytes });
    return this.#take(step, bytes);
  }

  /** Ends the session with a signed abort, sent if the peer can still be reached. */
  async abort(error: unknown, fault: Party | 'nobody' = 'nobody'): Promise<Session> {
    const { party, secretKey } = this.#options;
    const before = this.#live();
    const [kept] = this.#kept;
    if (kept?.kind === 'abort') return this.#abortAgain(kept);
    // More has been said than this process has gone through: an abort here would contradict it.
    if (kept || (before.phase === 'started' && !this.#refused)) throw error;
    const coded = error instanceof VeilmarkError ? error : undefined;
    const code = coded?.code ?? `${party}.failed`;
    // Trouble on this side may name its files: only what concerns the session is told.
    const told = fault !== 'nobody' || error instanceof EvidenceError;
    // A message may quote the peer, and cutting may halve a character: what is signed must be well-formed.
    const message = (told && coded ? coded.message : `a failure on the ${party}’s side`)
      .slice(0, 1000)
      .toWellFormed()
      .replace(unprintable, '?');
    const refused = this.#refused;
    const next = composeAbort({
      session: before,
      from: party,
      abort: { code, fault, message, refused: refused ? refusedDigest(refused) : '' },
      secretKey,
    });
    const bytes = encodeMessage(next.message);
    await this.#journal?.append({ kind: 'abort', message: bytes, ...(refused && { refused }) });
    return this.#end(next);
  }

  /** The record of the session as far as it came. */
  record(): SessionRecord {
    const { context } = this.#options;
    return {
      outcome: outcomeOf(this.#session, context, this.#refused),
      transcript: encodeTranscript({
        commitment: context.commitment.bytes,
        messages: this.#messages,
        ...(this.#refused && { refused: this.#refused }),
      }),
      session: this.#session,
    };
  }

  /**
   * This side's last message when the peer's abort does not follow it: shown if the abort refuses it, and by the judge
   * also if the owner passed it over, since an owner who stops after a challenge cannot pretend that there was none. The
   * owner's own that crossed with the judge's abort is dropped. An abort that refuses something else is an old one or
   * somebody else's: throws `session.order`.
   */
  #unheard(before: LiveSession, message: Message, { refused }: Abort): Uint8Array | undefined {
    const bytes = encodeMessage(message);
    if (refused === refusedDigest(bytes)) return bytes;
    if (refused !== '' || before.phase === 'started') throw strayMessage();
    return this.#options.party === 'judge' ? bytes : undefined;
  }

  /** The step of a message of the peer, or of its abort in place of this party's own last message. */
  #step(before: LiveSession, bytes: Uint8Array): Step {
    const { context, party } = this.#options;
    const message = decodeOneMessage(bytes);
    if (message.from === party) throw strayMessage();
    const own = this.#beforeOwn;
    if (own === undefined || message.type !== 'abort' || message.seq !== own.seq) {
      return { message, session: advance(before, message, context), takesBack: false };
    }
    const session = advance(own, message, context);
    const last = this.#messages.at(-1);
    const refused =
      last && session.phase === 'aborted' ? this.#unheard(own, last, session.abort) : undefined;
    return { message, session, takesBack: true, refused };
  }

  /** Whether the peer signed these bytes at its place, or as an abort in place of this party's own last message. */
  #isOfPeer(before: LiveSession, bytes: Uint8Array): boolean {
    try {
      const message = decodeOneMessage(bytes);
      const { context } = this.#options;
      // The first place is the same in every session: an owner's abort there may be of any of them.
      const own = this.#beforeOwn?.phase === 'started' ? undefined : this.#beforeOwn;
      return (
        message.from === this.#peer() &&
        [before, own].some((place) => place && isSigned(place, message, context))
      );
    } catch {
      return false;
    }
  }

  /** A file of another session, or changed on its way, says nothing about the peer. The session waits for the right one. */
  #passOver(cause: VeilmarkError): Promise<Session> {
    const { gone } = this.#options.channel;
    if (gone?.aborted === true) return this.abort(gone.reason, this.#peer());
    const error = new EnvironmentError({
      code: 'session.copy',
      message: `a message is not what the ${this.#peer()} signed at this place of the session: ${cause.message}`,
      hint: 'look which file it is and put the right one there; if there is none, end the session',
      cause,
    });
    return Promise.reject(error);
  }

  #take({ message, session, takesBack, refused }: Step, bytes: Uint8Array): Session {
    if (takesBack) {
      this.#refused = refused;
      this.#messages.pop();
    }
    this.#session = session;
    this.#messages.push(message);
    this.#heard.push(bytes);
    return session;
  }

  /** A step that was taken before. Throws `InputError` `journal.session` where it does not hold any more. */
  #stepAgain(before: LiveSession, { kind, message: bytes }: JournalRecord): Step {
    try {
      if (kind === 'peer') return this.#step(before, bytes);
      const message = decodeOneMessage(bytes);
      return {
        message,
        session: advance(before, message, this.#options.context),
        takesBack: false,
      };
    } catch (error) {
      throw otherJournal(error);
    }
  }

  /** The abort that the journal holds, sent again. */
  #abortAgain(kept: JournalRecord & { kind: 'abort' }): Promise<Session> {
    const { message, session } = this.#stepAgain(this.#live(), kept);
    this.#kept.shift();
    this.#refused = kept.refused;
    return this.#end({ message, session });
  }

  async #end({ message, session }: { message: Message; session: Session }): Promise<Session> {
    this.#session = session;
    this.#messages.push(message);
    await this.#options.channel.send(encodeMessage(message)).catch(() => undefined);
    return session;
  }

  /** The peer's next message that is none of those taken before: after a new connection they come again. */
  async #receiveNew(before: LiveSession, seconds: number): Promise<Uint8Array> {
    const { channel, context } = this.#options;
    const { from, types } = turnOf(before);
    // A message somewhat too large is taken in, as its signature holds its sender to it; what was sent before may come again.
    const limit = Math.max(
      excess * largestNext(before, context),
      ...this.#heard.map(({ length }) => length),
    );
    const wanted = { limit, message: { seq: before.seq, from, types } };
    for (let repeats = 0; ; repeats++) {
      const bytes = await channel.receive(seconds, wanted);
      const isRepeat = this.#heard.some((heard) => equalBytes(heard, bytes));
      if (!isRepeat || repeats >= maxRepeats) return bytes;
    }
  }

  #peer(): Party {
    return this.#options.party === 'judge' ? 'owner' : 'judge';
  }

  #live(): LiveSession {
    if (!isLive(this.#session)) {
      throw new EnvironmentError({ code: 'session.ended', message: 'the session has ended' });
    }
    return this.#session;
  }
}

function strayMessage(): VeilmarkError {
  return new EnvironmentError({
    code: 'session.order',
    message: 'the peer sent a message in this side’s name, or an abort of another session',
  });
}

function otherJournal(cause?: unknown): InputError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new InputError({
    code: 'journal.session',
    message: `what the journal of the session holds does not fit this session${why}`,
    hint: 'go on with the same files and options as before',
    cause,
  });
}
