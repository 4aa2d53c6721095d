import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import { WebSocket } from 'ws';

import { EnvironmentError, VeilmarkError } from '../base/index.js';
import type { Channel } from '../protocol/index.js';
import { exchangePrefaces, exportedKey } from './preface.js';
import { handshakeError, peerIdentity, secureContext, type TlsParty } from './tls.js';
import { webSocketChannel } from './websocket-channel.js';

const keepAliveMs = 30_000;

/**
 * Connects to a prover, as a judge. With `tls` (for wss:// alone) nothing is sent before the prover's certificate is found to be of a
 * pinned identity, and the line counts as open after both prefaces.
 *
 * Throws `EnvironmentError` `peer.unreachable`, `tls.*`, `peer.*` as `Channel.receive` does.
 */
export async function connectWebSocket(
  url: string,
  {
    maxMessage,
    seconds,
    tls,
  }: {
    maxMessage: number;
    /** For everything until the line is open. */
    seconds: number;
    tls?: TlsParty | undefined;
  },
): Promise<Channel> {
  try {
    const { protocol, hostname, port } = new URL(url);
    if ((protocol === 'wss:') !== (tls !== undefined)) throw new Error('TLS is for wss:// alone');
    const place = {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? (tls ? 443 : 80) : Number(port),
    };
    const line = tls ? await secureLine(place, tls, seconds) : undefined;
    const socket = new WebSocket(url.replace(/^wss:/, 'ws:'), {
      maxPayload: maxMessage,
      perMessageDeflate: false,
      followRedirects: false,
      createConnection: () => line?.socket ?? connectTcp(place),
    });
    const channel = await opened(socket, { maxMessage, seconds });
    if (!line || !tls) return channel;
    try {
      const exporter = exportedKey(line.socket);
      const { identity } = line;
      await exchangePrefaces(channel, {
        ...{ role: 'judge', exporter, key: tls.identity, identity, seconds },
      });
      return { ...channel, peer: identity };
    } catch (error) {
      await channel.close();
      throw error;
    }
  } catch (cause) {
    throw cause instanceof VeilmarkError ? cause : unreachablePeer(url, cause as Error);
  }
}

/** A TLS connection whose other end has shown who it is. */
function secureLine(
  { host, port }: { host: string; port: number },
  tls: TlsParty,
  seconds: number,
): Promise<{ socket: TLSSocket; identity: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...secureContext(tls),
      host,
      port,
      servername: isIP(host) === 0 ? host : '',
      // What counts is the pinned identity, which peerIdentity checks.
      rejectUnauthorized: false,
    });
    const deadline = setTimeout(() => {
      socket.destroy(new Error(`no TLS handshake within ${seconds} seconds`));
    }, 1000 * seconds);
    const fail = (error: NodeJS.ErrnoException): void => {
      clearTimeout(deadline);
      socket.destroy();
      reject(error.code?.startsWith('ERR_SSL') === true ? handshakeError(error) : error);
    };
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      clearTimeout(deadline);
      try {
        const identity = peerIdentity(socket, tls);
        socket.removeListener('error', fail);
        // ws listens once it has the socket; until then nothing may end the process.
        socket.on('error', () => undefined);
        resolve({ socket, identity });
      } catch (error) {
        fail(error as Error);
      }
    });
  });
}

function opened(
  socket: WebSocket,
  { maxMessage, seconds }: { maxMessage: number; seconds: number },
): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      reject(new Error(`no WebSocket within ${seconds} seconds`));
      socket.terminate();
    }, 1000 * seconds);
    // Stays: what ends a handshake after its deadline must not end the process.
    socket.on('error', (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    socket.once('upgrade', ({ socket: stream }) => {
      stream.setKeepAlive(true, keepAliveMs);
      // Before 'open', so that not a byte is missed.
      const channel = webSocketChannel(socket, stream, { maxMessage });
      socket.once('open', () => {
        clearTimeout(deadline);
        resolve(channel);
      });
    });
  });
}

function unreachablePeer(url: string, cause: Error): EnvironmentError {
  const isCut = /socket hang up|ECONNRESET|disconnected/.test(cause.message);
  return new EnvironmentError({
    code: 'peer.unreachable',
    message: `no prover answers at ${url}: ${cause.message || 'no connection'}`,
    hint: isCut
      ? 'a prover with TLS is reached at wss://, and takes only judges that it names with --judge-key'
      : 'check the address, and that `veilmark prove` is running there',
    cause,
  });
}
