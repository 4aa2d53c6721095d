import { canonicalBytes, type Json } from '../../src/base/index.js';
import {
  type Channel,
  decodeOneMessage,
  encodeMessage,
  firstHead,
  type Message,
  nextHead,
  signMessage,
} from '../../src/protocol/index.js';

/** What a cheat has in hand at the message that it spoils. */
export interface Turn<P> {
  /** What an honest party would say here. */
  readonly payload: P;
  /** The honest message as it would travel. */
  readonly honest: Uint8Array;
  /** The chain head before it. */
  readonly head: Uint8Array;
  /** The peer's message before it, as it came. */
  readonly heard: Uint8Array;
  /** Signs any message: this one with some parts changed. */
  readonly sign: (changes: Changes) => Uint8Array;
  /** Sends at once, before what the cheat returns. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Closes the connection without a word. */
  readonly close: () => Promise<void>;
}

export interface Changes extends Partial<Omit<Message, 'payload' | 'signature'>> {
  readonly payload?: Json;
  /** Payload bytes as they are, canonical or not. */
  readonly bytes?: Uint8Array;
  readonly secretKey?: Uint8Array;
}

/** What is sent in place of an honest message: nothing, one message, or several. */
export type Cheat<P> = (turn: Turn<P>) => Promise<Uint8Array[]> | Uint8Array[];

/** A cheat for each type of message that is spoilt. */
export type Script = Readonly<Partial<Record<string, Cheat<never>>>>;

/**
 * A party that keeps to the protocol up to the messages of its script and there sends what it likes, under its own key.
 * It is the channel of an honest party's code, which gives it the honest message to start from.
 */
export class Puppet implements Channel {
  readonly #inner: Channel;
  readonly #secretKey: Uint8Array;
  readonly #script: Script;
  /** The chain head before each place of the session. */
  readonly #heads = new Map([[0, firstHead]]);
  #heard = new Uint8Array();

  constructor(inner: Channel, secretKey: Uint8Array, script: Script) {
    this.#inner = inner;
    this.#secretKey = secretKey;
    this.#script = script;
  }

  async send(bytes: Uint8Array): Promise<void> {
    const message = decodeOneMessage(bytes);
    const cheat = this.#script[message.type];
    this.#follow(message);
    const outgoing = cheat ? await cheat(this.#turn(bytes, message)) : [bytes];
    for (const sent of outgoing) await this.#inner.send(sent);
  }

  async receive(seconds: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(await this.#inner.receive(seconds));
    this.#heard = bytes;
    this.#follow(decodeOneMessage(bytes));
    return bytes;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #follow(message: Message): void {
    this.#heads.set(message.seq + 1, nextHead(this.#head(message.seq), message));
  }

  #head(seq: number): Uint8Array {
    return this.#heads.get(seq) ?? firstHead;
  }

  #turn(honest: Uint8Array, message: Message): Turn<never> {
    return {
      payload: JSON.parse(new TextDecoder().decode(message.payload)) as never,
      honest,
      head: this.#head(message.seq),
      heard: this.#heard,
      sign: ({ payload, bytes, secretKey = this.#secretKey, ...place }) => {
        const changed =
          bytes ?? (payload === undefined ? message.payload : canonicalBytes(payload));
        const { seq, from, type } = { ...message, ...place };
        const unsigned = { seq, from, type, payload: changed };
        return encodeMessage(signMessage(this.#head(seq), unsigned, secretKey));
      },
      send: (bytes) => this.#inner.send(bytes),
      close: () => this.#inner.close(),
    };
  }
}
