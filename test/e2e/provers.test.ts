import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect } from 'chai';
import { WebSocketServer } from 'ws';

import { fails, newFolder, start, succeeds, veilmark } from './veilmark.js';
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
    const [, port = ''] = await first.says(/listening on ws:\S+:(\d+),/);
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
    await told.says(/listening on ws:/);
    await told.interrupt();
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
        const [, address = ''] = await prover.says(/listening on (ws:\S+),/);
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
