import { copyFileSync, existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect } from 'chai';
import { WebSocketServer } from 'ws';

import { type Ended, fails, newFolder, start, succeeds, veilmark } from './veilmark.js';
import { copyClaim, judgeWords, type Workshop, workshop, writePolicy } from './workshop.js';

describe('provers and ports', function () {
  this.timeout(120_000);
  let shop: Workshop;

  before(async () => {
    shop = await workshop();
  });

  it('an unreachable prover: inconclusive, and no transcript', async () => {
    const transcript = join(newFolder(), 't');
    const words = [...judgeWords(shop, transcript, 'ws://127.0.0.1:9'), '--suspect', shop.model];
    const judge = await veilmark(words);
    expect(judge.stdout).to.equal('inconclusive, cause peer.unreachable\n');
    expect(judge.stderr).to.match(/^hint: .*veilmark prove/m);
    expect(judge.code).to.equal(4);
    expect(existsSync(transcript)).to.equal(false);
  });

  it('a silent prover: inconclusive, in a signed transcript', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    const transcript = join(newFolder(), 't');
    const judge = await veilmark([
      ...judgeWords(shop, transcript, `ws://127.0.0.1:${port}`),
      ...['--suspect', shop.model, '--policy', writePolicy(newFolder(), { deadlineSeconds: 1 })],
    ]);
    for (const client of server.clients) client.terminate();
    server.close();
    expect(judge.stdout).to.equal('inconclusive, cause peer.silent\n');
    expect(judge.code).to.equal(4);
    const verified = await veilmark(['verify', transcript]);
    expect(verified.stdout).to.match(/verdict: inconclusive, cause peer\.silent/);
    expect(verified.code).to.equal(4);
    const again = join(newFolder(), 't');
    const words = judgeWords(shop, again, 'ws://127.0.0.1:9');
    const earlier = ['--suspect', shop.model, '--earlier', transcript];
    await fails({ code: 'judge.earlier', exit: 2 }, [...words, ...earlier]);
  });

  it('names a port in use', async () => {
    const words = ['prove', '--claim', copyClaim(shop), '--key', shop.ownerKey];
    const first = await start([...words, '--listen', '127.0.0.1:0']);
    const [, port = ''] = await first.says(/listening on wss?:\S+:(\d+),/);
    await Promise.all([
      fails({ code: 'port.in-use', exit: 5 }, [...words, '--listen', `127.0.0.1:${port}`]),
      fails({ code: 'port.in-use', exit: 5 }, ['serve-model', shop.model, '--port', port]),
    ]);
    await first.interrupt();
  });

  it('opens to strangers from outside only when told so', async () => {
    const words = ['prove', '--claim', copyClaim(shop), '--key', shop.ownerKey];
    const outside = [...words, '--listen', '0.0.0.0:0'];
    await fails({ code: 'prove.any-judge', exit: 2 }, outside);
    const told = await start([...outside, '--any-judge']);
    await told.says(/listening on wss:/);
    await told.interrupt();
  });

  it('a line without TLS goes to other machines only when told so, on both sides', async () => {
    const folder = newFolder();
    const [ownerKey, judgeKey] = [join(folder, 'owner'), join(folder, 'judge')];
    copyFileSync(shop.ownerKey, ownerKey);
    copyFileSync(shop.judgeKey, judgeKey);
    const outside = ['prove', '--claim', copyClaim(shop), '--key', ownerKey];
    outside.push('--listen', '0.0.0.0:0', '--any-judge');
    await fails({ code: 'usage.plain', exit: 2, says: /keygen --tls-only/ }, outside);
    const told = await start([...outside, '--plain']);
    const [, port = ''] = await told.says(/listening on ws:\S+:(\d+),/);
    expect((await told.interrupt()).stderr).to.match(/^warning: no TLS/m);
    const judge = (prover: string, ...more: string[]): string[] => [
      ...judgeWords({ ...shop, judgeKey }, join(folder, 't'), prover),
      ...['--suspect', shop.model, ...more],
    ];
    await fails({ code: 'usage.plain', exit: 2 }, judge('ws://192.0.2.1:7411'));
    await fails({ code: 'usage.plain', exit: 2 }, judge(`wss://127.0.0.1:${port}`, '--plain'));
    await fails({ code: 'tls.missing', exit: 2 }, judge(`wss://127.0.0.1:${port}`));
    const { stdout } = await succeeds(['keygen', ownerKey, '--tls-only']);
    expect(stdout).to.match(/^[0-9a-f]{64}\n$/);
    const secure = await start([...outside]);
    await secure.says(/listening on wss:/);
    await secure.interrupt();
  });

  it('turns away a judge that the owner does not name, and takes the one that he names', async () => {
    const claim = copyClaim(shop);
    const folder = newFolder();
    const [named, other] = [join(folder, 'named'), join(folder, 'other')];
    const { stdout } = await succeeds(['keygen', named, '--plain']);
    await succeeds(['keygen', other, '--plain']);
    const words = ['prove', '--claim', claim, '--key', shop.ownerKey, '--once'];
    const listen = ['--listen', '127.0.0.1:0', '--judge-key', stdout.trim()];
    const prover = await start([...words, ...listen]);
    const [, address = ''] = await prover.says(/listening on (wss:\S+),/);
    const policy = writePolicy(newFolder());
    const judge = (judgeKey: string): Promise<Ended> =>
      veilmark([
        ...judgeWords({ ...shop, judgeKey }, join(newFolder(), 't'), address),
        ...['--suspect', shop.model, '--policy', policy],
      ]);
    const stranger = await judge(other);
    expect(stranger.stdout).to.equal('inconclusive, cause peer.unreachable\n');
    expect(stranger.stderr).to.match(/--judge-key/);
    await prover.says(/\[tls\.pin\]/);
    expect((await judge(named)).stdout).to.match(/^proved/);
    expect((await prover.ended).code).to.equal(0);
  });

  it('two provers of one claim never open a batch twice', async () => {
    const claim = copyClaim(shop);
    const words = ['prove', '--claim', claim, '--key', shop.ownerKey, '--once'];
    const provers = await Promise.all(
      [1, 2].map(() => start([...words, '--listen', '127.0.0.1:0'])),
    );
    const folder = newFolder();
    const judges = await Promise.all(
      provers.map(async (prover, i) => {
        const [, address = ''] = await prover.says(/listening on (wss?:\S+),/);
        const policy = writePolicy(newFolder());
        const transcript = join(folder, `${i}`);
        return veilmark([
          ...judgeWords(shop, transcript, address),
          ...['--suspect', shop.model, '--policy', policy],
        ]);
      }),
    );
    await Promise.all(provers.map(({ ended }) => ended));
    const { stdout } = await succeeds(['inspect', join(claim, 'ledger.veilmark')]);
    const opened = [...stdout.matchAll(/^batch (\d)/gm)].map(([, batch]) => batch);
    expect(new Set(opened).size).to.equal(opened.length);
    const proved = judges.filter(({ code }) => code === 0).length;
    expect(proved).to.equal(opened.length).and.be.greaterThan(0);
  });
});
