import { readFileSync } from 'node:fs';
import { createServer, type Server as TcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, createServer as createTls, type Server } from 'node:tls';

import { expect } from 'chai';

import { generateKeyPair, type KeyPair, keyPairFrom } from '../../src/crypto/index.js';
import { connectWebSocket, type TlsCredentials } from '../../src/transport/index.js';
import { checkPreface, encodePreface } from '../../src/transport/preface.js';
import { coded } from '../coded.js';
import { seeded } from '../support/claim.js';
import {
  credentials,
  Door,
  host,
  judgeCredentials,
  judgeParty,
  ownerCredentials,
  ownerParty,
  tlsJudge,
  tlsOwner,
} from '../support/tls.js';

const mallory = generateKeyPair(seeded('man in the middle'));

/** Attack: somebody between the parties terminates TLS on both sides and passes everything on. */
describe('a man in the middle', () => {
  let door: Door;
  const proxies: (Server | TcpServer)[] = [];
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) proxy.close();
    await door.close();
  });

  /** Passes on what both sides say, and hears all of it; gives the port and what was heard from the judge. */
  async function proxy(
    towardsJudge: TlsCredentials,
    towardsOwner: TlsCredentials,
  ): Promise<{ port: number; heard: () => string }> {
    let heard = '';
    const common = {
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
    } as const;
    const server = createTls(
      {
        ...common,
        key: towardsJudge.privateKey,
        cert: towardsJudge.certificate,
        requestCert: true,
      },
      (judge) => {
        const owner = connectTls({
          ...common,
          host,
          port: door.port,
          key: towardsOwner.privateKey,
          cert: towardsOwner.certificate,
        });
        judge.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
        judge.pipe(owner).pipe(judge);
        for (const end of [judge, owner]) {
          end.on('error', () => undefined);
          end.on('close', () => {
            judge.destroy();
            owner.destroy();
          });
        }
      },
    );
    server.on('tlsClientError', () => undefined);
    proxies.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return { port: (server.address() as AddressInfo).port, heard: () => heard };
  }

  const dial = (port: number, tls = judgeParty()) =>
    connectWebSocket(`wss://${host}:${port}`, { maxMessage: 100_000, seconds: 5, tls });

  it('with a certificate of his own is refused before the judge says anything', async () => {
    door = await Door.open({ tls: ownerParty({ pins: undefined }) });
    const own = credentials(mallory);
    const { port, heard } = await proxy(own, own);
    await coded('tls.pin', () => dial(port));
    expect(heard()).to.equal('');
  });

  it('with both parties’ stolen TLS keys is caught by the prefaces, on both sides', async () => {
    door = await Door.open({ tls: ownerParty() });
    const { port, heard } = await proxy(ownerCredentials, judgeCredentials);
    await coded('tls.preface', () => dial(port));
    await door.hasRefused('tls.preface');
    expect(heard()).to.include('GET / HTTP/1.1');
  });

  it('who only passes bytes on hears nothing, and is harmless', async () => {
    door = await Door.open({ tls: ownerParty() });
    let heard = '';
    const server = createServer((judge) => {
      void import('node:net').then(({ connect }) => {
        const owner = connect(door.port, host);
        judge.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
        judge.pipe(owner).pipe(judge);
        for (const end of [judge, owner]) end.on('error', () => undefined);
      });
    });
    proxies.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const judge = await dial((server.address() as AddressInfo).port);
    await judge.send(new TextEncoder().encode('a secret of the session'));
    expect(await (await door.next()).receive(5)).to.have.length(23);
    expect(heard.length).to.be.greaterThan(500);
    expect(heard).not.to.match(/secret|GET|veilmark/);
    await judge.close();
  });

  describe('and a preface', () => {
    const exporter = new Uint8Array(32).fill(7);
    const check = (
      preface: Uint8Array,
      changes: { exporter?: Uint8Array; identity?: KeyPair } = {},
    ) =>
      coded('tls.preface', () => {
        checkPreface(preface, {
          role: 'owner',
          exporter: changes.exporter ?? exporter,
          identity: (changes.identity ?? tlsOwner).publicKey,
        });
      });
    before(async () => {
      door = await Door.open();
    });

    it('of this line is taken', () => {
      const preface = encodePreface('owner', exporter, tlsOwner);
      expect(preface).to.have.length(96);
      checkPreface(preface, { role: 'owner', exporter, identity: tlsOwner.publicKey });
    });

    it('is that of the specification', () => {
      const key = keyPairFrom(Uint8Array.from({ length: 32 }, (_, i) => i));
      const hex = Buffer.from(encodePreface('owner', exporter, key)).toString('hex');
      const page = readFileSync('docs/spec/transport.md', 'utf8');
      for (const line of hex.match(/.{64}/g)!) expect(page).to.include(line);
    });

    it('of another line is refused', () =>
      check(encodePreface('owner', new Uint8Array(32), tlsOwner)));

    it('that is one’s own, sent back, is refused', () =>
      check(encodePreface('judge', exporter, tlsOwner)));

    it('of another identity than the certificate’s is refused', () =>
      check(encodePreface('owner', exporter, mallory)));

    it('of other length is refused', async () => {
      await check(new Uint8Array(96));
      await check(encodePreface('owner', exporter, tlsOwner).subarray(1));
      await check(Uint8Array.from([...encodePreface('owner', exporter, tlsOwner), 0]));
    });

    it('that is stolen and played on a new line is refused', async () => {
      await door.close();
      door = await Door.open({ tls: ownerParty() });
      // The thief has the judge's TLS key, and a preface of an earlier line, but not the identity's key.
      const stale = judgeParty({ identity: { ...tlsJudge, secretKey: mallory.secretKey } });
      await coded('peer.closed', async () => (await dial(door.port, stale)).receive(5));
      await door.hasRefused('tls.preface');
    });
  });
});
