import { EnvironmentError } from '../base/index.js';
import type { Channel } from '../protocol/index.js';

/**
 * The channel to a peer that has let its time pass: gives what it said first, where that is known, then `peer.silent`; what is sent
 * is heard by nobody. With it a party ends a session that waits in its journal.
 */
export function silentChannel(first?: Uint8Array): Channel {
  const silence = new EnvironmentError({
    code: 'peer.silent',
    message: 'the peer did not come back in its time',
  });
  let said = first;
  return {
    send: () => Promise.resolve(),
    receive: () => {
      const message = said;
      said = undefined;
      return message ? Promise.resolve(message) : Promise.reject(silence);
    },
    close: () => Promise.resolve(),
    gone: AbortSignal.abort(silence),
  };
}
