/** One step of a session as a party keeps it, each message as it travelled. */
export type JournalRecord =
  | { readonly kind: 'own'; readonly message: Uint8Array }
  | { readonly kind: 'peer'; readonly message: Uint8Array }
  /** This party's abort, with the peer's bytes that it refuses. */
  | { readonly kind: 'abort'; readonly message: Uint8Array; readonly refused?: Uint8Array };

/**
 * A party's durable memory of one session. What `append` was given is on disk before its promise resolves: an own message is
 * appended before it is sent, the peer's when it is accepted, so that whoever was stopped goes on and says the same again.
 */
export interface Journal {
  /** The session's 32 bytes of system randomness: everything that this party draws comes from them (`sessionRandom`). */
  readonly secret: Uint8Array;
  /** What was appended before this process, in order. */
  readonly records: readonly JournalRecord[];
  append(record: JournalRecord): Promise<void>;
}
