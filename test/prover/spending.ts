import type { Spending } from '../../src/prover/index.js';

const hex = (bytes: number, value: number): string => value.toString(16).padStart(2 * bytes, '0');

/** A spending of a batch in a session, with another challenge where asked. */
export function spending(batch: number, session: number, challenge = session): Spending {
  return {
    batch,
    challenge: hex(32, challenge),
    judge: hex(32, 7),
    receipt: hex(64, 8),
    session: hex(32, session),
  };
}
