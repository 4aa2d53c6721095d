import { createServer, type Server } from 'node:net';

import { expect } from 'chai';
import { WebSocket } from 'ws';

import type { Channel } from '../../src/protocol/index.js';
import { connectWebSocket, type Listener, listenWebSocket } from '../../src/transport/index.js';
import { coded } from '../coded.js';

const host = '127.0.0.1';
const limits = { maxMessage: 1000, seconds: 2 };

describe('channels over WebSocket', () => {
  let listener: Listener;
  let arrivals: Channel[];
  let arrived: (channel: Channel) => void;
  beforeEach(async () => {
    arrivals = [];
    arrived = (channel) => arrivals.push(channel);
    listener = await listenWebSocket({
      host,
      port: 0,
      maxMessage: limits.maxMessage,
      maxConnections: 2,
      onChannel: (channel) => {
        arrived(channel);
      },
    });
  });
  afterEach(() => listener.close());

  const url = (): string => `ws://${host}:${listener.port}`;

  /** A connection and its other end. */
  async function pair(): Promise<[client: Channel, server: Channel]> {
    const coming = new Promise<Channel>((resolve) => {
      arrived = resolve;
    });
    return [await connectWebSocket(url(), limits), await coming];
  }

  it('carry bytes both ways', async () => {
    const [client, server] = await pair();
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await client.send(bytes);
    expect(await server.receive(2)).to.deep.equal(bytes);
    await server.send(new Uint8Array());
    expect(await client.receive(2)).to.have.length(0);
    await client.close();
    await coded('peer.closed', () => server.receive(2));
  });

  it('lose none of several messages that arrive in one packet', async () => {
    const [client, server] = await pair();
    const waiting = server.receive(2);
    await Promise.all([1, 2, 3].map((value) => client.send(Uint8Array.of(value))));
    const seen = [await waiting, await server.receive(1), await server.receive(1)];
    expect(seen.map(([value]) => value)).to.deep.equal([1, 2, 3]);
  });

  it('give up on a silent peer', async () => {
    const [client] = await pair();
    await coded('peer.silent', () => client.receive(0.02));
  });

  it('cut off a peer that floods', async () => {
    const [client, server] = await pair();
    for (let i = 0; i < 12; i++) await client.send(Uint8Array.of(i)).catch(() => undefined);
    await coded('peer.closed', () => client.receive(2));
    for (let i = 0; i < 8; i++) await server.receive(1);
    await coded('peer.flood', () => server.receive(1));
  });

  it('refuse a message that is too large before it is read', async () => {
    const [client, server] = await pair();
    await client.send(new Uint8Array(limits.maxMessage));
    expect(await server.receive(2)).to.have.length(limits.maxMessage);
    await client.send(new Uint8Array(limits.maxMessage + 1));
    await coded('peer.size', () => server.receive(2));
    await coded('peer.closed', () => client.receive(2));
  });

  it('turn away more connections than agreed', async () => {
    await pair();
    await pair();
    await coded('peer.unreachable', () => connectWebSocket(url(), limits));
  });

  it('end when the listener closes', async () => {
    const [client] = await pair();
    const waiting = coded('peer.closed', () => client.receive(5));
    await listener.close();
    await waiting;
    await coded('peer.closed', () => client.send(Uint8Array.of(1)));
    await client.close();
  });

  it('say that a port is taken', () =>
    coded('port.in-use', () =>
      listenWebSocket({
        host,
        port: listener.port,
        maxMessage: 1,
        maxConnections: 1,
        onChannel: arrived,
      }),
    ));

  it('say that an address cannot be listened on', () =>
    coded('port.denied', () =>
      listenWebSocket({
        host: '192.0.2.1',
        port: 0,
        maxMessage: 1,
        maxConnections: 1,
        onChannel: arrived,
      }),
    ));

  it('say that nobody answers', async () => {
    const { port } = listener;
    await listener.close();
    await coded('peer.unreachable', () => connectWebSocket(`ws://${host}:${port}`, limits));
    await coded('peer.unreachable', () => connectWebSocket('no address', limits));
  });

  it('give up on a server that never shakes hands', async () => {
    const mute = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, host, () => {
        resolve(server);
      });
    });
    const address = mute.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const hurried = { maxMessage: 1000, seconds: 0.1 };
    await coded('peer.unreachable', () => connectWebSocket(`ws://${host}:${port}`, hurried));
    mute.close();
  });

  it('survive a peer that breaks the rules of WebSocket', async () => {
    const coming = new Promise<Channel>((resolve) => {
      arrived = resolve;
    });
    const raw = new WebSocket(url());
    await new Promise((resolve) => raw.once('open', resolve));
    const server = await coming;
    const { _socket: socket } = raw as unknown as { _socket: { write(bytes: Uint8Array): void } };
    socket.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    await coded('peer.closed', () => server.receive(2));
    raw.terminate();
  });
});
