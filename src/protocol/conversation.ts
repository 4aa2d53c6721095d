import { EnvironmentError, EvidenceError, type Json, VeilmarkError } from '../base/index.js';
import type { Channel } from './channel.js';
import { decodeOneMessage, encodeMessage, type Message, type Party } from './message.js';
import type { Abort } from './payloads.js';
import { type Outcome, outcomeOf, refusedDigest } from './outcome.js';
import { advance, compose, composeAbort, largestNext } from './session.js';
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

/** One party's end of a session: keeps the state, the exact messages, and turns every failure into a signed abort. */
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
  #largestHeard = 0;

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

  /**
   * Signs and sends the next message. `beforeSending` runs when it is final: durable records are made there. `named` is its
   * type where the turn leaves a choice.
   */
  async say(
    payload: Json,
    beforeSending?: (message: Message) => Promise<void>,
    named?: string,
  ): Promise<Session> {
    const { channel, context, secretKey } = this.#options;
    const before = this.#live();
    const type = named ?? turnOf(before).types[0];
    const next = compose({ session: before, type, payload, context, secretKey });
    await beforeSending?.(next.message);
    this.#beforeOwn = before;
    this.#session = next.session;
    this.#messages.push(next.message);
    try {
      await channel.send(encodeMessage(next.message));
    } catch (error) {
      // What could not be sent was not heard: an owner who left before the challenge is not blamed for it.
      return this.abort(error);
    }
    return this.#session;
  }

  /** Waits for the peer's next message and takes its step. A refused one ends the session with a signed abort. */
  async hear(seconds: number): Promise<Session> {
    const { channel, context, party } = this.#options;
    const before = this.#live();
    let bytes: Uint8Array;
    try {
      // A message somewhat too large is taken in, as its signature holds its sender to it; what was sent before may come again.
      const limit = Math.max(this.#largestHeard, excess * largestNext(before, context));
      bytes = await channel.receive(seconds, limit);
      this.#largestHeard = Math.max(this.#largestHeard, bytes.length);
    } catch (error) {
      return this.abort(error, this.#peer());
    }
    try {
      const message = decodeOneMessage(bytes);
      if (message.from === party) throw strayMessage();
      const own = this.#beforeOwn;
      if (own !== undefined && message.type === 'abort' && message.seq === own.seq) {
        const aborted = advance(own, message, context);
        const last = this.#messages.at(-1);
        if (last && aborted.phase === 'aborted') {
          this.#refused = this.#unheard(own, last, aborted.abort);
        }
        this.#messages.pop();
        this.#session = aborted;
      } else {
        this.#session = advance(before, message, context);
      }
      this.#messages.push(message);
      return this.#session;
    } catch (error) {
      if (!(error instanceof VeilmarkError)) throw error;
      this.#refused = bytes;
      return this.abort(error, this.#peer());
    }
  }

  /** Ends the session with a signed abort, sent if the peer can still be reached. */
  async abort(error: unknown, fault: Party | 'nobody' = 'nobody'): Promise<Session> {
    const { channel, party, secretKey } = this.#options;
    const before = this.#live();
    if (before.phase === 'started' && !this.#refused) throw error;
    const coded = error instanceof VeilmarkError ? error : undefined;
    const code = coded?.code ?? `${party}.failed`;
    // Trouble on this side may name its files: only what concerns the session is told.
    const told = fault !== 'nobody' || error instanceof EvidenceError;
    // A message may quote the peer, and cutting may halve a character: what is signed must be well-formed.
    const message = (told && coded ? coded.message : `a failure on the ${party}’s side`)
      .slice(0, 1000)
      .toWellFormed()
      .replace(unprintable, '?');
    const next = composeAbort({
      session: before,
      from: party,
      abort: { code, fault, message, refused: this.#refused ? refusedDigest(this.#refused) : '' },
      secretKey,
    });
    this.#session = next.session;
    this.#messages.push(next.message);
    await channel.send(encodeMessage(next.message)).catch(() => undefined);
    return this.#session;
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
