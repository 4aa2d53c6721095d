import type { Party } from './message.js';

/** What a party waits for, unless it is an abort. */
export interface Expected {
  readonly seq: number;
  readonly from: Party;
  readonly types: readonly string[];
}

/** How messages travel; transports implement it, tests fake it. */
export interface Channel {
  /** Sends one message. Rejects with `EnvironmentError` `peer.closed` when the peer is gone. */
  send(message: Uint8Array): Promise<void>;
  /**
   * The next message. Rejects with `EnvironmentError` `peer.silent` after `seconds`, `peer.closed` when the peer is
   * gone, `peer.size` for a message larger than the transport accepts, `session.waiting` where nobody waits for it.
   */
  receive(seconds: number, expected?: Expected): Promise<Uint8Array>;
  close(): Promise<void>;
  /** Fires when the connection has ended, so that long work for the peer can stop. */
  readonly gone?: AbortSignal;
}
