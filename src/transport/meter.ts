/** Bytes beyond a message's own: heads of frames, and pings. */
const slackBytes = 4096;
const slackBytesPerSecond = 100;

/**
 * Counts what arrives on a line against the messages that came of it: a message larger than the reader expects is noticed while it
 * comes, and so are frames that are no messages (pings, empty fragments), which no limit of messages sees.
 */
export class Meter {
  readonly #started = performance.now();
  #received = 0;
  #delivered = 0;

  /** Bytes arrived. */
  receive(bytes: number): void {
    this.#received += bytes;
  }

  /** A message of them is whole. */
  deliver(bytes: number): void {
    this.#delivered += bytes;
  }

  /** Bytes that are of no whole message, less what heads of frames and pings may take. */
  get pending(): number {
    const seconds = (performance.now() - this.#started) / 1000;
    const slack = slackBytes + slackBytesPerSecond * seconds;
    return Math.max(0, this.#received - this.#delivered - slack);
  }
}
