import type { Channel } from '../../src/protocol/index.js';

/** What a bad peer does in place of one of its messages. */
export const misdeeds = ['silent', 'garbage', 'oversize', 'hangs up'] as const;
export type Misdeed = (typeof misdeeds)[number];

/** Bytes of a message that no session has. */
const oversize = 2 ** 24;

/** A channel through which an honest party's code keeps to the protocol up to one of its messages. */
export function misbehaving(
  inner: Channel,
  { misdeed, at }: { misdeed: Misdeed; /** Which message, counted from 0. */ at: number },
): Channel {
  let sent = 0;
  return {
    send: async (message) => {
      if (sent++ < at) {
        await inner.send(message);
        return;
      }
      if (misdeed === 'garbage') await inner.send(new Uint8Array(1000).fill(sent));
      if (misdeed === 'oversize') await inner.send(new Uint8Array(oversize));
      if (misdeed === 'hangs up') await inner.close();
    },
    receive: (seconds) => inner.receive(seconds),
    close: () => inner.close(),
    ...(inner.gone && { gone: inner.gone }),
  };
}
