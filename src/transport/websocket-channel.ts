import type { Duplex } from 'node:stream';

import { type RawData, WebSocket } from 'ws';

import { EnvironmentError } from '../base/index.js';
import type { Channel } from '../protocol/index.js';
import { Inbox, oversized } from './inbox.js';
import { Meter } from './meter.js';

/**
 * An open WebSocket as a channel. `stream` is what it runs on: what arrives there is counted, so that a message larger than its turn
 * allows is cut off while it comes, and so is one that takes too long.
 */
export function webSocketChannel(
  socket: WebSocket,
  stream: Duplex,
  { maxMessage }: { maxMessage: number },
): Channel {
  const inbox = new Inbox(2 * maxMessage);
  const meter = new Meter();
  let failure: Error | undefined;
  let slow: NodeJS.Timeout | undefined;
  // Closed by what the peer sent, the inbox takes the line with it.
  inbox.gone.addEventListener('abort', () => {
    socket.terminate();
  });
  socket.binaryType = 'nodebuffer';
  stream.on('data', (chunk: Uint8Array) => {
    meter.receive(chunk.length);
    const { pending } = meter;
    if (pending > (inbox.expected ?? maxMessage)) inbox.close(oversized());
    else if (pending > 0) {
      slow ??= setTimeout(() => {
        inbox.close(tooSlow());
      }, transferMilliseconds(maxMessage));
    }
  });
  socket.on('message', (data: RawData) => {
    const message = new Uint8Array(data as Buffer);
    meter.deliver(message.length);
    clearTimeout(slow);
    slow = undefined;
    inbox.deliver(message);
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    clearTimeout(slow);
    inbox.close(closed(failure));
  });
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        // A peer that stops reading would otherwise hold the session for ever.
        const deadline = setTimeout(() => {
          socket.terminate();
        }, transferMilliseconds(message.length));
        socket.send(message, (error) => {
          clearTimeout(deadline);
          if (error) reject(closed(error));
          else resolve();
        });
      }),
    receive: (seconds, wanted) => inbox.take(seconds, wanted?.limit),
    gone: inbox.gone,
    close: () =>
      new Promise((resolve) => {
        if (socket.readyState === WebSocket.CLOSED) {
          resolve();
          return;
        }
        socket.once('close', () => {
          resolve();
        });
        socket.close(1000);
        setTimeout(() => {
          socket.terminate();
        }, 2000).unref();
      }),
  };
}

/** A minute, and a second for each 20 kB. */
function transferMilliseconds(bytes: number): number {
  return 60_000 + bytes / 20;
}

function tooSlow(): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.slow',
    message: 'the peer began a message and did not get to its end in time',
  });
}

function closed(cause: Error | undefined): EnvironmentError {
  const tooLarge = (cause as NodeJS.ErrnoException | undefined)?.code?.includes(
    'UNSUPPORTED_MESSAGE_LENGTH',
  );
  if (tooLarge === true) return oversized();
  return new EnvironmentError({
    code: 'peer.closed',
    message: `the peer closed the connection${cause ? `: ${cause.message}` : ''}`,
    cause,
  });
}
