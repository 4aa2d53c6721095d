import { EnvironmentError } from '../base/index.js';
import type { Channel } from '../protocol/index.js';
import { Inbox } from './inbox.js';

/** Two ends of a channel within one process. */
export function memoryChannels(): [Channel, Channel] {
  const inboxes = [new Inbox(), new Inbox()] as const;
  const end = (own: Inbox, peer: Inbox): Channel => ({
    send: (message) => {
      if (peer.isClosed) return Promise.reject(closedPeer());
      peer.deliver(message);
      return Promise.resolve();
    },
    receive: (seconds, wanted) => own.take(seconds, wanted?.limit),
    gone: own.gone,
    close: () => {
      own.close(closedPeer());
      peer.close(closedPeer());
      return Promise.resolve();
    },
  });
  return [end(inboxes[0], inboxes[1]), end(inboxes[1], inboxes[0])];
}

function closedPeer(): EnvironmentError {
  return new EnvironmentError({ code: 'peer.closed', message: 'the peer closed the connection' });
}
