import { EnvironmentError } from '../base/index.js';

/** Messages that a party may send ahead of its turn before it is cut off. */
const maxWaiting = 8;

interface Reader {
  readonly limit: number;
  readonly resolve: (message: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Messages that have arrived and wait to be read; ends with the error that closed the connection. */
export class Inbox {
  readonly #waiting: Uint8Array[] = [];
  readonly #maxBytes: number;
  #reader: Reader | undefined;
  #closed: Error | undefined;
  readonly #ended = new AbortController();

  /** `maxBytes` bounds what waits unread, all messages together. */
  constructor(maxBytes = Infinity) {
    this.#maxBytes = maxBytes;
  }

  /** Fires, with the reason, when the connection has ended. */
  get gone(): AbortSignal {
    return this.#ended.signal;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Largest message that somebody waits for now; nothing when nobody does. */
  get expected(): number | undefined {
    return this.#reader?.limit;
  }

  deliver(message: Uint8Array): void {
    if (this.#closed) return;
    const reader = this.#reader;
    // One message a reader: a second one may arrive in the same turn of the event loop.
    this.#reader = undefined;
    if (reader) {
      if (message.length <= reader.limit) {
        reader.resolve(message);
        return;
      }
      reader.reject(oversized());
      this.close(oversized());
      return;
    }
    const bytes = this.#waiting.reduce((sum, { length }) => sum + length, message.length);
    if (this.#waiting.length < maxWaiting && bytes <= this.#maxBytes) this.#waiting.push(message);
    else this.close(flooding());
  }

  /** What has arrived before may still be read. */
  close(reason: Error): void {
    this.#closed ??= reason;
    this.#reader?.reject(this.#closed);
    this.#reader = undefined;
    this.#ended.abort(this.#closed);
  }

  /**
   * The next message; rejects with `peer.silent` after some seconds, `peer.size` for one of more than `limit` bytes, or with the reason
   * of closing.
   */
  async take(seconds: number, limit = Infinity): Promise<Uint8Array> {
    const ready = this.#waiting.shift();
    if (ready && ready.length > limit) {
      this.close(oversized());
      throw oversized();
    }
    if (ready) return ready;
    if (this.#closed) throw this.#closed;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        this.#reader = { limit, resolve, reject };
        timer = setTimeout(() => {
          this.#reader = undefined;
          reject(silence(seconds));
        }, seconds * 1000);
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The refusal of a message that is larger than the one expected. */
export function oversized(): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.size',
    message: 'the peer sent a message larger than its turn allows',
  });
}

function silence(seconds: number): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.silent',
    message: `the peer sent nothing for ${seconds} seconds`,
  });
}

function flooding(): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.flood',
    message: `the peer sent more than ${maxWaiting} messages out of turn, or too much in them`,
  });
}
