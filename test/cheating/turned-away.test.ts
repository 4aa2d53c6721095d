import { expect } from 'chai';
import { WebSocket } from 'ws';

import { EnvironmentError } from '../../src/base/index.js';
import type { Channel } from '../../src/protocol/index.js';
import { connectWebSocket, listenWebSocket, memoryChannels } from '../../src/transport/index.js';
import { coded } from '../coded.js';

/** Attack: a stranger floods a listening prover, or breaks the framing, to end it or to fill its memory. */
describe('a hostile connection', () => {
  it('that is turned away cannot end the prover with a message too large', async () => {
    const channels: Channel[] = [];
    const listener = await listenWebSocket({
      host: '127.0.0.1',
      port: 0,
      maxMessage: 1000,
      maxConnections: 1,
      onChannel: (channel) => channels.push(channel),
    });
    const url = `ws://127.0.0.1:${listener.port}`;
    const first = await connectWebSocket(url, { maxMessage: 1000, seconds: 5 });
    const second = new WebSocket(url);
    second.on('error', () => undefined);
    second.once('open', () => {
      second.send(new Uint8Array(5000));
    });
    await new Promise((resolve) => second.once('close', resolve));
    await first.send(new Uint8Array([1, 2, 3]));
    expect(await channels[0]!.receive(5)).to.deep.equal(new Uint8Array([1, 2, 3]));
    await first.send(new Uint8Array(5000));
    await coded('peer.size', () => channels[0]!.receive(5));
    await listener.close();
  });

  it('that sends out of turn is cut off', async () => {
    const [sender, reader] = memoryChannels();
    for (let i = 0; i < 9; i++) await sender.send(new Uint8Array([i]));
    for (let i = 0; i < 8; i++) expect(await reader.receive(1)).to.deep.equal(new Uint8Array([i]));
    expect(await coded('peer.flood', () => reader.receive(1))).to.be.instanceOf(EnvironmentError);
  });
});
