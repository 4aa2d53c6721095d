import { expect } from 'chai';

import { memoryChannels } from '../../src/transport/index.js';
import { coded } from '../coded.js';

const message = (value: number): Uint8Array => Uint8Array.of(value);

describe('channels in memory', () => {
  it('carry messages in order, both ways', async () => {
    const [a, b] = memoryChannels();
    await a.send(message(1));
    await a.send(message(2));
    expect(await b.receive(1)).to.deep.equal(message(1));
    expect(await b.receive(1)).to.deep.equal(message(2));
    const waiting = a.receive(1);
    await b.send(message(3));
    expect(await waiting).to.deep.equal(message(3));
  });

  it('lose none of two messages that arrive at once', async () => {
    const [a, b] = memoryChannels();
    const waiting = b.receive(1);
    await Promise.all([a.send(message(1)), a.send(message(2))]);
    expect(await waiting).to.deep.equal(message(1));
    expect(await b.receive(0.05)).to.deep.equal(message(2));
  });

  it('give up on a silent peer, and go on afterwards', async () => {
    const [a, b] = memoryChannels();
    await coded('peer.silent', () => b.receive(0.02));
    await a.send(message(1));
    expect(await b.receive(1)).to.deep.equal(message(1));
  });

  it('close for both ends; what came before can still be read', async () => {
    const [a, b] = memoryChannels();
    await a.send(message(1));
    await a.close();
    expect(await b.receive(1)).to.deep.equal(message(1));
    await coded('peer.closed', () => b.receive(1));
    await coded('peer.closed', () => a.receive(1));
    await coded('peer.closed', () => b.send(message(2)));
  });

  it('wake a reader when they close', async () => {
    const [a, b] = memoryChannels();
    const waiting = coded('peer.closed', () => b.receive(10));
    await a.close();
    await waiting;
  });

  it('cut off a peer that floods', async () => {
    const [a, b] = memoryChannels();
    for (let i = 0; i < 9; i++) await a.send(message(i));
    await coded('peer.closed', () => a.send(message(9)));
    for (let i = 0; i < 8; i++) expect(await b.receive(1)).to.deep.equal(message(i));
    await coded('peer.flood', () => b.receive(1));
  });
});
