import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

import { WebSocketServer } from 'ws';

import { EnvironmentError } from '../base/index.js';
import type { Channel } from '../protocol/index.js';
import { exchangePrefaces, exportedKey } from './preface.js';
import { handshakeError, peerIdentity, secureContext, type TlsParty } from './tls.js';
import { Visitors } from './visitors.js';
import { webSocketChannel } from './websocket-channel.js';

/** A listening prover. */
export interface Listener {
  readonly port: number;
  /** Lets nobody in any more; open connections go on. */
  stop(): void;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Largest message of a peer, in bytes. */
  readonly maxMessage: number;
  /** Open lines at a time. */
  readonly maxConnections: number;
  /** Connections of one address at a time [as many as in all], and new ones in a minute [600]. */
  readonly perAddress?: number;
  readonly perMinute?: number;
  /** From the first packet to the open line [10]. */
  readonly handshakeSeconds?: number;
  /** TLS with pinned identities; plain without. */
  readonly tls?: TlsParty | undefined;
  readonly onChannel: (channel: Channel, peer: string) => void;
  /** Somebody was turned away, and why. */
  readonly onRefused?: (reason: EnvironmentError, peer: string) => void;
}

/** Connections that are not open lines yet; with more the oldest has to go, so that strangers cannot hold the door. */
const maxKnocking = 64;
const keepAliveMs = 30_000;

interface Knocking {
  /** TLS is up on it. */
  readonly secure: (stream: TLSSocket) => void;
  readonly admit: () => void;
  readonly refuse: (reason: EnvironmentError) => void;
}

/**
 * Accepts WebSocket connections, each handed to `onChannel` as a channel. Who is too many, too slow with its handshake, or not who it
 * must be is cut off before anything else is done for it. Throws `EnvironmentError` `port.in-use` or `port.denied`.
 */
export async function listenWebSocket(options: ListenOptions): Promise<Listener> {
  const { host, port, maxMessage, tls } = options;
  const knocking = new Map<string, Knocking>();
  const open = new Map<Socket, () => void>();
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessage,
    perMessageDeflate: false,
  });
  const http = upgradeServer(webSockets, (stream) => knocking.get(place(stream)), options);
  const server = tls ? tlsServer(tls, http, knocking) : createTcpServer();
  const visitors = new Visitors({
    perAddress: options.perAddress ?? options.maxConnections + maxKnocking,
    perMinute: options.perMinute ?? 600,
  });
  server.on('connection', (socket: Socket) => {
    const isIn = receive(socket, { knocking, visitors, open, options });
    if (isIn && !tls) http.emit('connection', socket);
  });
  await listening(server, host, port);
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    stop: () => server.close(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const end of open.values()) end();
      }),
  };
}

/** Counts a connection in, and gives it a little time to become an open line. Says whether it is in. */
function receive(
  socket: Socket,
  {
    knocking,
    visitors,
    open,
    options,
  }: {
    knocking: Map<string, Knocking>;
    visitors: Visitors;
    /** Every connection, with what ends it. */
    open: Map<Socket, () => void>;
    options: ListenOptions;
  },
): boolean {
  const { handshakeSeconds = 10, onRefused } = options;
  const address = socket.remoteAddress ?? 'unknown';
  // An error without a listener would end the process.
  socket.on('error', () => undefined);
  const visit = visitors.enter(address);
  if ('refusal' in visit) {
    onRefused?.(crowded(visit.refusal), address);
    socket.destroy();
    return false;
  }
  // The kernel answers for a peer that computes, so that only one that is gone is cut off.
  socket.setKeepAlive(true, keepAliveMs);
  const name = place(socket);
  let top: Socket = socket;
  // Node crashes when the socket below TLS is destroyed while TLS reads from it, as in a callback of TLS.
  const end = (): void => {
    setImmediate(() => top.destroy());
  };
  const secure = (stream: TLSSocket): void => {
    top = stream;
  };
  const refuse = (reason: EnvironmentError): void => {
    if (knocking.delete(name)) onRefused?.(reason, address);
    end();
  };
  const deadline = setTimeout(() => {
    refuse(tooSlow(handshakeSeconds));
  }, 1000 * handshakeSeconds);
  const admit = (): void => {
    knocking.delete(name);
    clearTimeout(deadline);
  };
  open.set(socket, end);
  socket.once('close', () => {
    open.delete(socket);
    admit();
    visit.leave();
  });
  knocking.set(name, { secure, admit, refuse });
  const [oldest] = knocking.values();
  if (knocking.size > maxKnocking) oldest?.refuse(crowded(`${maxKnocking} others came after it`));
  return true;
}

function tlsServer(tls: TlsParty, http: HttpServer, knocking: Map<string, Knocking>): Server {
  const server = createTlsServer({
    ...secureContext(tls),
    requestCert: true,
    // What counts is the identity, which peerIdentity checks.
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    const knock = knocking.get(place(socket));
    knock?.secure(socket);
    try {
      peerIdentity(socket, tls);
      http.emit('connection', socket);
    } catch (error) {
      knock?.refuse(error as EnvironmentError);
    }
  });
  server.on('tlsClientError', (error, socket) => {
    knocking.get(place(socket))?.refuse(handshakeError(error));
  });
  return server;
}

/** HTTP only as far as a WebSocket needs it. */
function upgradeServer(
  webSockets: WebSocketServer,
  knockingOf: (stream: Duplex) => Knocking | undefined,
  options: ListenOptions,
): HttpServer {
  const { maxMessage, maxConnections, onChannel } = options;
  const http = createHttpServer({ maxHeaderSize: 4096 }, (_request, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
  });
  http.on('upgrade', (request, stream: Duplex, head) => {
    // A page in somebody's browser could otherwise play a judge on the loopback.
    if (request.headers.origin !== undefined || webSockets.clients.size >= maxConnections) {
      const isFull = request.headers.origin === undefined;
      knockingOf(stream)?.refuse(isFull ? crowded('all places are taken') : fromBrowser());
      return;
    }
    const peer = request.socket.remoteAddress ?? 'unknown';
    webSockets.handleUpgrade(request, stream, head, (socket) => {
      const knock = knockingOf(stream);
      const channel = webSocketChannel(socket, stream, { maxMessage });
      prefaced(channel, stream, options).then(
        (ready) => {
          knock?.admit();
          onChannel(ready, peer);
        },
        (error: unknown) => {
          knock?.refuse(error as EnvironmentError);
          socket.terminate();
        },
      );
    });
  });
  return http;
}

async function prefaced(
  channel: Channel,
  stream: Duplex,
  { tls, handshakeSeconds = 10 }: ListenOptions,
): Promise<Channel> {
  if (!tls) return channel;
  if (!(stream instanceof TLSSocket)) throw new Error('a line without TLS on a server with it');
  const exporter = exportedKey(stream);
  const identity = peerIdentity(stream, tls);
  const seconds = handshakeSeconds;
  await exchangePrefaces(channel, {
    ...{ role: 'owner', exporter, key: tls.identity, identity, seconds },
  });
  return { ...channel, peer: identity };
}

/** A connection's far end; TLS and what runs on it have the same. */
function place(stream: Duplex): string {
  const { remoteAddress = '', remotePort = 0 } = stream as Partial<Socket>;
  return `${remoteAddress} ${remotePort}`;
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    // Stays: once listening, a failed accept rejects nothing and must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(error, host, port));
    });
    server.listen(port, host);
  });
}

function crowded(why: string): EnvironmentError {
  return new EnvironmentError({ code: 'peer.crowd', message: `turned away: ${why}` });
}

function fromBrowser(): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.browser',
    message: 'turned away: a page in a browser',
  });
}

function tooSlow(seconds: number): EnvironmentError {
  return new EnvironmentError({
    code: 'peer.handshake',
    message: `turned away: no open line within ${seconds} seconds`,
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
