import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { expect } from 'chai';
import { WebSocket } from 'ws';

import type { ListenOptions } from '../../src/transport/listen.js';
import { Meter } from '../../src/transport/meter.js';
import { network, Visitors } from '../../src/transport/visitors.js';
import { coded } from '../coded.js';
import { Door, host, judgeCredentials, judgeParty, ownerParty } from '../support/tls.js';

describe('limits of a listening prover', () => {
  let door: Door;
  const strangers: { destroy(): void }[] = [];
  const open = async (changes: Partial<ListenOptions> = {}): Promise<Door> =>
    (door = await Door.open(changes));
  afterEach(async () => {
    for (const stranger of strangers.splice(0)) stranger.destroy();
    await door.close();
  });

  async function knock(): Promise<Socket> {
    const socket = connectTcp(door.port, host);
    strangers.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  for (const [how, tls] of [
    ['TLS', ownerParty()],
    ['a plain line', undefined],
  ] as const) {
    describe(`with ${how}`, () => {
      const party = tls && judgeParty();

      it('cut off who says nothing, and let others in meanwhile', async () => {
        await open({ tls, handshakeSeconds: 0.3, maxConnections: 1 });
        const silent = await knock();
        const closed = once(silent, 'close');
        const line = await door.connect(party);
        await door.hasRefused('peer.handshake');
        await closed;
        await line.send(Uint8Array.of(1));
        expect(await (await door.next()).receive(5)).to.deep.equal(Uint8Array.of(1));
      });

      it('cut off who asks slowly, byte by byte', async () => {
        await open({ tls, handshakeSeconds: 0.3 });
        const slow = tls
          ? connectTls({
              ...{ host, port: door.port, rejectUnauthorized: false },
              ...{ key: judgeCredentials.privateKey, cert: judgeCredentials.certificate },
            })
          : await knock();
        slow.on('error', () => undefined);
        strangers.push(slow);
        const request = `GET / HTTP/1.1\r\nA: ${'a'.repeat(1000)}`;
        let at = 0;
        const timer = setInterval(() => slow.write(request.charAt(at++)), 5);
        await door.hasRefused('peer.handshake');
        if (!slow.destroyed) await once(slow, 'close');
        clearInterval(timer);
        await door.connect(party);
      });

      it('hold a line open for as long as it likes once it is open', async () => {
        await open({ tls, handshakeSeconds: 0.1 });
        const line = await door.connect(party);
        await new Promise((done) => setTimeout(done, 200));
        await line.send(Uint8Array.of(1));
        expect(await (await door.next()).receive(5)).to.have.length(1);
        expect(door.refused).to.deep.equal([]);
      });
    });
  }

  it('cut off who has TLS and a certificate, and sends no preface', async () => {
    await open({ tls: ownerParty(), handshakeSeconds: 0.3 });
    const { privateKey: key, certificate: cert } = judgeCredentials;
    const mute = new WebSocket(`wss://${host}:${door.port}`, {
      ...{ key, cert, rejectUnauthorized: false },
    });
    mute.on('error', () => undefined);
    await once(mute, 'close');
    expect(door.refused.join()).to.match(/^peer\.(silent|handshake)$/);
  });

  it('cut off who sends more than a preface in its place', async () => {
    await open({ tls: ownerParty() });
    const { privateKey: key, certificate: cert } = judgeCredentials;
    const loud = new WebSocket(`wss://${host}:${door.port}`, {
      ...{ key, cert, rejectUnauthorized: false },
    });
    loud.on('error', () => undefined);
    loud.on('open', () => {
      loud.send(new Uint8Array(97));
    });
    await once(loud, 'close');
    await door.hasRefused('peer.size');
  });

  it('count connections of an address, and give its places back', async () => {
    await open({ perAddress: 2 });
    const first = await knock();
    await knock();
    await knock();
    await door.hasRefused('peer.crowd');
    first.destroy();
    await new Promise((done) => setTimeout(done, 50));
    await door.connect();
  });

  it('count how often an address comes', async () => {
    await open({ perMinute: 3 });
    for (let i = 0; i < 3; i++) await (await door.connect()).close();
    await coded('peer.unreachable', () => door.connect());
    expect(door.refused).to.deep.equal(['peer.crowd']);
  });

  it('turn the oldest away when very many knock, and never the one who gets in', async () => {
    await open({ handshakeSeconds: 5 });
    const oldest = await knock();
    for (let i = 0; i < 70; i++) await knock();
    if (!oldest.destroyed) await once(oldest, 'close');
    await door.connect();
    expect(new Set(door.refused)).to.deep.equal(new Set(['peer.crowd']));
  });

  it('let no page of a browser in', async () => {
    await open();
    const page = new WebSocket(`ws://${host}:${door.port}`, { origin: 'https://example.org' });
    page.on('error', () => undefined);
    await door.hasRefused('peer.browser');
  });

  it('answer no other requests', async () => {
    await open();
    expect((await fetch(`http://${host}:${door.port}/`)).status).to.equal(426);
  });

  it('refuse a message that is larger than its turn allows, while it comes', async () => {
    await open();
    const line = await door.connect();
    const end = await door.next();
    const reading = coded('peer.size', () => end.receive(5, { limit: 1000 }));
    // Never whole: what is refused is what came so far.
    const raw = await rawLine(door.port);
    const other = await door.next();
    const partial = coded('peer.size', () => other.receive(5, { limit: 1000 }));
    raw.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x80, 0, 1, 2, 3, 4]));
    raw.write(Buffer.alloc(20_000));
    await partial;
    await line.send(new Uint8Array(1001));
    await reading;
  });

  it('refuse what waits already and is too large for its turn', async () => {
    await open();
    const line = await door.connect();
    const end = await door.next();
    await line.send(new Uint8Array(1001));
    await new Promise((done) => setTimeout(done, 50));
    await coded('peer.size', () => end.receive(5, { limit: 1000 }));
    await coded('peer.closed', () => line.receive(5));
  });

  it('cut off who pings without end', async () => {
    await open();
    const raw = await rawLine(door.port);
    const end = await door.next();
    const reading = coded('peer.size', () => end.receive(5, { limit: 1000 }));
    const pings = Buffer.concat(
      Array.from({ length: 2000 }, () => Buffer.from([0x89, 0x80, 1, 2, 3, 4])),
    );
    raw.write(pings);
    await reading;
  });

  it('stop letting people in while open lines go on', async () => {
    await open();
    const line = await door.connect();
    const end = await door.next();
    door.listener.stop();
    await coded('peer.unreachable', () => door.connect());
    await line.send(Uint8Array.of(1));
    expect(await end.receive(5)).to.have.length(1);
  });

  /** A WebSocket by hand. */
  async function rawLine(port: number): Promise<Socket> {
    const socket = connectTcp(port, host);
    strangers.push(socket);
    socket.on('error', () => undefined);
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await once(socket, 'data');
    return socket;
  }
});

describe('the count of visitors', () => {
  it('takes the addresses of one household as one', () => {
    expect(network('192.0.2.7')).to.equal('192.0.2.7');
    expect(network('::ffff:192.0.2.7')).to.equal('192.0.2.7');
    expect(network('2001:db8:1:2:3:4:5:6')).to.equal('2001:db8:1:2::/64');
    expect(network('2001:db8:1:2::9')).to.equal('2001:db8:1:2::/64');
    expect(network('2001:db8::9')).to.equal('2001:db8:0:0::/64');
    expect(network('::1')).to.equal('0:0:0:0::/64');
    expect(network('fe80::1%eth0')).to.equal('fe80:0:0:0::/64');
  });

  it('starts anew after a minute, and does not grow without end', () => {
    const visitors = new Visitors({ perAddress: 10, perMinute: 1 });
    expect(visitors.enter('192.0.2.1', 0)).to.have.property('leave');
    expect(visitors.enter('192.0.2.1', 1000)).to.have.property('refusal');
    expect(visitors.enter('192.0.2.1', 61_001)).to.have.property('leave');
    for (let i = 0; i < 10_000; i++) visitors.enter(`2001:db8:${i.toString(16)}::1`, 61_002);
    expect(visitors.enter('192.0.2.1', 61_003)).to.have.property('leave');
  });
});

describe('the meter of a line', () => {
  it('counts what is of no whole message, beyond a slack', () => {
    const meter = new Meter();
    meter.receive(10_000);
    expect(meter.pending).to.be.within(5500, 5904);
    meter.deliver(9990);
    expect(meter.pending).to.equal(0);
  });
});
