import { EnvironmentError, equalBytes } from '../base/index.js';
import type { Channel } from '../protocol/index.js';

const pauseMs = 2000;
/** Seconds in which the peer says again what it said before. */
const replaySeconds = 300;

/**
 * A channel that connects again when the peer is gone: it sends again what it sent, byte for byte, expects to hear again what it
 * heard, and goes on. Only for the party that connects, with a peer that remembers its session.
 */
export class ResumingChannel implements Channel {
  readonly #connect: () => Promise<Channel>;
  readonly #onLost: (() => void) | undefined;
  #channel: Channel | undefined;
  readonly #log: { readonly own: boolean; readonly message: Uint8Array }[] = [];

  /** `onLost` is called each time the connection has ended before its time. */
  constructor(connect: () => Promise<Channel>, { onLost }: { onLost?: () => void } = {}) {
    this.#connect = connect;
    this.#onLost = onLost;
  }

  async send(message: Uint8Array): Promise<void> {
    this.#channel ??= await this.#connect();
    // A message that is lost on its way is sent again by the next `receive`.
    this.#log.push({ own: true, message });
    await this.#channel.send(message).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }

  /** Throws as `Channel.receive` does, and `EnvironmentError` `peer.replay` when the peer says something else than before. */
  async receive(seconds: number): Promise<Uint8Array> {
    const deadline = performance.now() + 1000 * seconds;
    for (;;) {
      try {
        const channel = (this.#channel ??= await this.#again());
        const message = await channel.receive(
          Math.max((deadline - performance.now()) / 1000, 0.01),
        );
        this.#log.push({ own: false, message });
        return message;
      } catch (error) {
        if (!isGone(error) || performance.now() + pauseMs > deadline) throw error;
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
    const channel = await this.#connect();
    for (const { own, message } of this.#log) {
      if (own) {
        await channel.send(message);
        continue;
      }
      const said = await channel.receive(replaySeconds);
      if (equalBytes(said, message)) continue;
      await channel.close().catch(() => undefined);
      throw new EnvironmentError({
        code: 'peer.replay',
        message: 'after the connection was lost the peer said something else than before',
        hint: 'start a new session',
      });
    }
    return channel;
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof EnvironmentError && ['peer.closed', 'peer.unreachable'].includes(error.code)
  );
}
