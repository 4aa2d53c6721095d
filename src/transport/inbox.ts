import { EnvironmentError } from '../base/index.js';

/** Messages that a party may send ahead of its turn before it is cut off. */
const maxWaiting = 8;

/** Messages that have arrived and wait to be read; ends with the error that closed the connection. */
export class Inbox {
  readonly #waiting: Uint8Array[] = [];
  #reader: { resolve: (message: Uint8Array) => void; reject: (error: Error) => void } | undefined;
  #closed: Error | undefined;
  readonly #ended = new AbortController();

  /** Fires, with the reason, when the connection has ended. */
  get gone(): AbortSignal {
    return this.#ended.signal;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  deliver(message: Uint8Array): void {
    if (this.#closed) return;
    const reader = this.#reader;
    // One message a reader: a second one may arrive in the same turn of the event loop.
    this.#reader = undefined;
    if (reader) reader.resolve(message);
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(message);
    else this.close(flooding());
  }

  /** What has arrived before may still be read. */
  close(reason: Error): void {
    this.#closed ??= reason;
    this.#reader?.reject(this.#closed);
    this.#reader = undefined;
    this.#ended.abort(this.#closed);
  }

  /** The next message; rejects with `peer.silent` after some seconds, or with the reason of closing. */
  async take(seconds: number): Promise<Uint8Array> {
    const ready = this.#waiting.shift();
    if (ready) return ready;
    if (this.#closed) throw this.#closed;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        this.#reader = { resolve, reject };
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

function silence(seconds: number): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.silent',
    message: `the peer sent nothing for ${seconds} seconds`,
  });
}

function flooding(): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.flood',
    message: `the peer sent more than ${maxWaiting} messages out of turn`,
  });
}
