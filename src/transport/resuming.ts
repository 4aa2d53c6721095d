import { EnvironmentError, equalBytes } from '../base/index.js';
import type { Channel, Wanted } from '../protocol/index.js';

const pauseMs = 1000;

/**
 * A channel that connects again when the peer is gone, and then sends again all that it sent, byte for byte. Only for the party that
 * connects, with a peer that knows its session by the first message, and says again what it said. Whoever else answers meanwhile in
 * the peer's place, with a false certificate or with junk, is as good as nobody: nothing of it is held against the peer.
 */
export class ResumingChannel implements Channel {
  readonly #connect: () => Promise<Channel>;
  readonly #onLost: (() => void) | undefined;
  #channel: Channel | undefined;
  readonly #sent: Uint8Array[] = [];
  readonly #heard: Uint8Array[] = [];

  /** `first` is a connection that is there already; `onLost` is called each time that one has ended before its time. */
  constructor(
    connect: () => Promise<Channel>,
    { first, onLost }: { first?: Channel; onLost?: () => void } = {},
  ) {
    this.#connect = connect;
    this.#channel = first;
    this.#onLost = onLost;
  }

  async send(message: Uint8Array): Promise<void> {
    this.#channel ??= await this.#connect();
    // A message that is lost on its way is sent again by the next `receive`.
    this.#sent.push(message);
    await this.#channel.send(message).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }

  /** A new message, none that was heard before. Throws as `Channel.receive` does, `peer.silent` also for a peer that stays away. */
  async receive(seconds: number, wanted?: Wanted): Promise<Uint8Array> {
    const deadline = performance.now() + 1000 * seconds;
    for (;;) {
      try {
        const channel = (this.#channel ??= await this.#again());
        const left = Math.max((deadline - performance.now()) / 1000, 0.01);
        const message = await channel.receive(left, wanted);
        if (this.#heard.some((heard) => equalBytes(heard, message))) continue;
        this.#heard.push(message);
        return message;
      } catch (error) {
        if (!isGone(error)) throw error;
        if (performance.now() + pauseMs > deadline) throw stayedAway(seconds, error);
        await this.#channel?.close().catch(() => undefined);
        if (this.#channel) this.#onLost?.();
        this.#channel = undefined;
        await new Promise((done) => setTimeout(done, pauseMs));
      }
    }
  }

  async close(): Promise<void> {
    await this.#channel?.close();
  }

  async #again(): Promise<Channel> {
    const channel = await this.#connect().catch((error: unknown) => {
      throw error instanceof EnvironmentError ? notBack(error) : error;
    });
    try {
      for (const message of this.#sent) await channel.send(message);
    } catch (error) {
      await channel.close().catch(() => undefined);
      throw error;
    }
    return channel;
  }
}

/** The peer's own failures come over an open line; before there is one it has not been shown that the peer is there. */
function notBack(cause: EnvironmentError): EnvironmentError {
  const { message, hint } = cause;
  return new EnvironmentError({ code: 'peer.unreachable', message, hint, cause });
}

function stayedAway(seconds: number, cause: unknown): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.silent',
    message: `the peer was gone, and did not come back in ${seconds} seconds`,
    cause,
  });
}

function isGone(error: unknown): boolean {
  return (
    error instanceof EnvironmentError && ['peer.closed', 'peer.unreachable'].includes(error.code)
  );
}
