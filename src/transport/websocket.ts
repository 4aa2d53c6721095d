import { type RawData, WebSocket, WebSocketServer } from 'ws';

import { EnvironmentError } from '../base/index.js';
import type { Channel } from '../protocol/index.js';
import { Inbox } from './inbox.js';

/** A listening prover. */
export interface Listener {
  readonly port: number;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

/**
 * Accepts WebSocket connections, each handed to `onChannel` as a channel. Messages above `maxMessage` bytes close the
 * connection before they are read. Throws `EnvironmentError` `port.in-use` or `port.denied`.
 */
export async function listenWebSocket({
  host,
  port,
  maxMessage,
  maxConnections,
  onChannel,
}: {
  host: string;
  port: number;
  maxMessage: number;
  maxConnections: number;
  onChannel: (channel: Channel, peer: string) => void;
}): Promise<Listener> {
  const server = new WebSocketServer({
    host,
    port,
    maxPayload: maxMessage,
    perMessageDeflate: false,
    clientTracking: true,
  });
  server.on('connection', (socket, request) => {
    // A socket that is turned away has no other listener, and an error without one would end the process.
    socket.on('error', () => undefined);
    if (server.clients.size > maxConnections) socket.terminate();
    else onChannel(channelOf(socket), request.socket.remoteAddress ?? 'unknown');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    // Stays: once listening, a failed accept rejects nothing and must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(error, host, port));
    });
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Connects to a prover. Throws `EnvironmentError` `peer.unreachable`. */
export async function connectWebSocket(
  url: string,
  { maxMessage, seconds }: { maxMessage: number; seconds: number },
): Promise<Channel> {
  try {
    const socket = new WebSocket(url, {
      maxPayload: maxMessage,
      perMessageDeflate: false,
      handshakeTimeout: seconds * 1000,
      followRedirects: false,
    });
    const channel = channelOf(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return channel;
  } catch (cause) {
    throw new EnvironmentError({
      code: 'peer.unreachable',
      message: `no prover answers at ${url}: ${(cause as Error).message || 'no connection'}`,
      hint: 'check the address, and that `veilmark prove` is running there',
      cause,
    });
  }
}

function channelOf(socket: WebSocket): Channel {
  const inbox = new Inbox();
  let failure: Error | undefined;
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: RawData) => {
    inbox.deliver(new Uint8Array(data as Buffer));
    if (inbox.isClosed) socket.terminate();
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    inbox.close(closed(failure));
  });
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        // A peer that stops reading would otherwise hold the session for ever.
        const deadline = setTimeout(() => {
          socket.terminate();
        }, sendMilliseconds(message.length));
        socket.send(message, (error) => {
          clearTimeout(deadline);
          if (error) reject(closed(error));
          else resolve();
        });
      }),
    receive: (seconds) => inbox.take(seconds),
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
function sendMilliseconds(bytes: number): number {
  return 60_000 + bytes / 20;
}

function closed(cause: Error | undefined): EnvironmentError {
  const tooLarge = (cause as NodeJS.ErrnoException | undefined)?.code?.includes(
    'UNSUPPORTED_MESSAGE_LENGTH',
  );
  return new EnvironmentError({
    code: tooLarge === true ? 'peer.size' : 'peer.closed',
    message:
      tooLarge === true
        ? 'the peer sent a message larger than a session can have'
        : `the peer closed the connection${cause ? `: ${cause.message}` : ''}`,
    cause,
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): EnvironmentError {
  const inUse = error.code === 'EADDRINUSE';
  return new EnvironmentError({
    code: inUse ? 'port.in-use' : 'port.denied',
    message: `cannot listen on ${host}:${port}: ${inUse ? 'another program does' : error.message}`,
    hint: 'choose another port with --listen',
    cause: error,
  });
}
