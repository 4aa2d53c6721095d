import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';

import { expect } from 'chai';

import { generateKeyPair, signDer } from '../../src/crypto/index.js';
import {
  checkCertificate,
  checkOwnCredentials,
  connectWebSocket,
} from '../../src/transport/index.js';
import type { ListenOptions } from '../../src/transport/listen.js';
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

const thief = generateKeyPair(seeded('thief'));
const der = (pem: string): Uint8Array =>
  new Uint8Array(Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64'));

/** Attack: somebody answers, or connects, in a party's name. */
describe('a false certificate', () => {
  let door: Door | undefined;
  const open = async (changes: Partial<ListenOptions> = {}): Promise<Door> =>
    (door = await Door.open({ tls: ownerParty(), ...changes }));
  afterEach(() => door?.close());

  it('of another identity is refused by the judge, who has said nothing yet', async () => {
    await open({ tls: ownerParty({ identity: thief, credentials: credentials(thief) }) });
    await coded('tls.pin', () => door!.connect(judgeParty()));
  });

  it('of another identity is refused by the owner', async () => {
    await open();
    const stranger = judgeParty({ identity: thief, credentials: credentials(thief) });
    await coded('peer.unreachable', () => door!.connect(stranger));
    await door!.hasRefused('tls.pin');
  });

  it('that has expired is refused by both', async () => {
    const old = { age: 60, days: 30 };
    await open({ tls: ownerParty({ credentials: credentials(tlsOwner, old) }) });
    await coded('tls.expired', () => door!.connect(judgeParty()));
    await door!.close();
    await open();
    const late = judgeParty({ credentials: credentials(tlsJudge, old) });
    await coded('peer.unreachable', () => door!.connect(late));
    await door!.hasRefused('tls.expired');
  });

  it('that is to hold from next week on is refused', () =>
    coded('tls.expired', () =>
      checkCertificate(der(credentials(tlsOwner, { age: -7 }).certificate), {
        pins: undefined,
        now: new Date(),
      }),
    ));

  it('is missed by the owner', async () => {
    await open();
    const nobody = connect({ host, port: door!.port, rejectUnauthorized: false });
    nobody.on('error', () => undefined);
    await door!.hasRefused('tls.certificate');
    nobody.destroy();
  });

  it('with any byte changed is refused, and so is one signed by another key', async () => {
    const good = der(ownerCredentials.certificate);
    const options = { pins: undefined, now: new Date() };
    expect(checkCertificate(good, options)).to.deep.equal(tlsOwner.publicKey);
    const codes = new Set<string>();
    for (let at = 0; at < good.length; at += 3) {
      const bad = good.slice();
      bad[at]! ^= 1;
      codes.add((await coded('tls.certificate', () => checkCertificate(bad, options))).code);
    }
    expect(codes.size).to.equal(1);
    const tbs = good.subarray(4, -74);
    const forged = good.slice();
    forged.set(signDer(tbs, tlsOwner.secretKey), good.length - 64);
    expect(checkCertificate(forged, options)).to.deep.equal(tlsOwner.publicKey);
    forged.set(signDer(tbs, thief.secretKey), good.length - 64);
    await coded('tls.certificate', () => checkCertificate(forged, options));
    // A date that nobody can read is none in the future.
    const dated = good.slice();
    const end = Buffer.from(good).lastIndexOf(Buffer.from([0x17, 13]));
    dated.set(Buffer.from('99'), end + 4);
    dated.set(signDer(dated.subarray(4, -74), tlsOwner.secretKey), good.length - 64);
    const undated = await Promise.resolve()
      .then(() => checkCertificate(dated, options))
      .catch((error: unknown) => error);
    expect(undated).to.have.property('code').that.is.oneOf(['tls.expired', 'tls.certificate']);
    const longer = Uint8Array.from([...good, 0]);
    await coded('tls.certificate', () => checkCertificate(longer, options));
    await coded('tls.certificate', () => checkCertificate(new Uint8Array(5000), options));
    await coded('tls.certificate', () => checkCertificate(undefined, options));
  });

  it('is noticed by its own user first', async () => {
    const now = new Date();
    checkOwnCredentials(ownerCredentials, { identity: tlsOwner, now });
    const mixed = { ...ownerCredentials, privateKey: judgeCredentials.privateKey };
    await coded('tls.file', () => {
      checkOwnCredentials(mixed, { identity: tlsOwner, now });
    });
    await coded('tls.file', () => {
      checkOwnCredentials(ownerCredentials, { identity: thief, now });
    });
    const old = credentials(tlsOwner, { age: 60, days: 30 });
    await coded('tls.expired', () => {
      checkOwnCredentials(old, { identity: tlsOwner, now });
    });
  });

  it('does not help who speaks an older TLS, on either side', async () => {
    await open();
    const { privateKey: key, certificate: cert } = judgeCredentials;
    const old = connect({
      ...{ host, port: door!.port, key, cert, rejectUnauthorized: false },
      maxVersion: 'TLSv1.2',
    });
    const [error] = (await once(old, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).to.match(/PROTOCOL_VERSION/);
    await door!.hasRefused('tls.version');

    const { privateKey, certificate } = ownerCredentials;
    const server = createServer({ key: privateKey, cert: certificate, maxVersion: 'TLSv1.2' });
    server.listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await coded('tls.version', () =>
      connectWebSocket(`wss://${host}:${port}`, {
        maxMessage: 1000,
        seconds: 5,
        tls: judgeParty(),
      }),
    );
    server.close();
  });
});
