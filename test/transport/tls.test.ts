import { expect } from 'chai';

import { generateKeyPair } from '../../src/crypto/index.js';
import type { ListenOptions } from '../../src/transport/listen.js';
import { runOwner } from '../../src/prover/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { expectEnding } from '../support/cheat.js';
import { seeded, sharedClaim } from '../support/claim.js';
import { judgeKey, judgeOptions, ownerOptions } from '../support/session.js';
import { credentials, Door, judgeParty, ownerParty, tlsJudge, tlsOwner } from '../support/tls.js';

describe('a line with TLS', () => {
  let door: Door | undefined;
  const open = async (changes: Partial<ListenOptions> = {}): Promise<Door> =>
    (door = await Door.open({ tls: ownerParty(), ...changes }));
  afterEach(() => door?.close());

  it('carries bytes both ways, and both ends know who the other is', async () => {
    const { port } = await open();
    expect(port).to.be.greaterThan(0);
    const judge = await door!.connect(judgeParty());
    const owner = await door!.next();
    expect(judge.peer).to.deep.equal(tlsOwner.publicKey);
    expect(owner.peer).to.deep.equal(tlsJudge.publicKey);
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i);
    await judge.send(bytes);
    expect(await owner.receive(5)).to.deep.equal(bytes);
    await owner.send(new Uint8Array());
    expect(await judge.receive(5)).to.have.length(0);
    await judge.close();
    await coded('peer.closed', () => owner.receive(5));
  });

  it('carries a session', async () => {
    const claim = sharedClaim();
    const identity = claim.owner;
    await open({ tls: ownerParty({ identity, credentials: credentials(identity) }) });
    const judge = await door!.connect(judgeParty({ pins: [identity.publicKey] }));
    const [record] = await Promise.all([
      runJudge(judgeOptions(claim, judge)),
      runOwner(ownerOptions(claim, await door!.next())),
    ]);
    expectEnding(record, { verdict: 'proved', cause: '', fault: 'nobody' });
  });

  it('carries no session of another judge than the one who opened it', async () => {
    const claim = sharedClaim();
    const other = generateKeyPair(seeded('another judge'));
    await open({ tls: ownerParty({ pins: undefined }) });
    const line = await door!.connect(
      judgeParty({ identity: other, credentials: credentials(other) }),
    );
    const [record] = await Promise.all([
      runJudge({ ...judgeOptions(claim, line), key: judgeKey }),
      runOwner(ownerOptions(claim, await door!.next())),
    ]);
    expectEnding(record, { verdict: 'inconclusive', cause: 'peer.identity', fault: 'nobody' });
  });

  it('lets any judge in where the owner names none', async () => {
    const other = generateKeyPair(seeded('any judge'));
    await open({ tls: ownerParty({ pins: undefined }) });
    await door!.connect(judgeParty({ identity: other, credentials: credentials(other) }));
    expect((await door!.next()).peer).to.deep.equal(other.publicKey);
  });

  it('is not mixed with plain ones, either way', async () => {
    await open();
    await coded('peer.unreachable', () => door!.connect());
    await door!.hasRefused('tls.handshake');
    await door!.close();
    door = await Door.open();
    const error = await coded('tls.handshake', () => door!.connect(judgeParty()));
    expect(error.hint).to.match(/ws:\/\//);
  });
});
