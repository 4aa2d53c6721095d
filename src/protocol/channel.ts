import type { Party } from './message.js';

/** What a party waits for, unless it is an abort. */
export interface Expected {
  readonly seq: number;
  readonly from: Party;
  readonly types: readonly string[];
}

/** What a party takes now. */
export interface Wanted {
  /** In bytes. */
  readonly limit?: number;
  readonly message?: Expected;
}

/** How messages travel; transports implement it, tests fake it. */
export interface Channel {
  /** Sends one message. Rejects with `EnvironmentError` `peer.closed` when the peer is gone. */
  send(message: Uint8Array): Promise<void>;
  /**
   * The next message, of at most `limit` bytes. Rejects with `EnvironmentError` `peer.silent` after `seconds`, `peer.closed` when
   * the peer is gone, `peer.size` for a message larger than that, or than the transport accepts at all, `session.waiting` where nobody
   * waits for it.
   */
  receive(seconds: number, wanted?: Wanted): Promise<Uint8Array>;
  close(): Promise<void>;
  /** Fires when the connection has ended, so that long work for the peer can stop. */
  readonly gone?: AbortSignal;
  /** Messages are files that people carry: what the peer did not sign is a wrong copy, and nobody waits for a better one. */
  readonly isCarried?: boolean;
  /** Public key of who is at the other end, where the line itself has shown it. */
  readonly peer?: Uint8Array;
}
