import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { newFolder, start, succeeds, veilmark } from './veilmark.js';
import { judgeWords, quick, session, type Workshop, workshop } from './workshop.js';

describe('from keys to a verdict, as a user types it', function () {
  this.timeout(120_000);
  let shop: Workshop;

  before(async () => {
    shop = await workshop();
  });

  it('keeps secrets readable by their owner alone', () => {
    const secrets = ['mark.veilmark', 'ledger.veilmark'].map((name) => join(shop.claim, name));
    for (const path of [shop.ownerKey, shop.judgeKey, ...secrets]) {
      expect(statSync(path).mode & 0o777, path).to.equal(0o600);
    }
    expect(statSync(shop.claim).mode & 0o777).to.equal(0o700);
  });

  it('shows the triggers, measures the model, and says what each file is', async () => {
    const folder = newFolder();
    const sheet = join(folder, 'sheet.png');
    const [, evaluated, ...inspected] = await Promise.all([
      succeeds(['triggers', 'show', sheet, '--claim', shop.claim]),
      succeeds(['evaluate', shop.model, '--data', shop.data, '--claim', shop.claim]),
      succeeds(['inspect', shop.commitment]),
      succeeds(['inspect', join(shop.claim, 'mark.veilmark')]),
      succeeds(['inspect', join(shop.claim, 'ledger.veilmark')]),
      succeeds(['inspect', shop.model]),
    ]);
    expect(statSync(sheet).size).to.be.greaterThan(1000);
    expect(evaluated.stdout).to.match(/^test +\S+ % .*\/100\ntriggers +(100|9\d)\.\d % .*\/80\n$/);
    const kinds = inspected.map(({ stdout }) => /^kind +(.*)$/m.exec(stdout)?.[1]);
    expect(kinds[0]).to.match(/^commitment file/);
    expect(kinds[1]).to.match(/^mark file \(secret\)/);
    expect(kinds[2]).to.match(/^ledger/);
    expect(kinds[3]).to.match(/^model folder/);
  });

  it('proves a marked model folder, and a stranger verifies the transcript', async () => {
    const { judge, owner, transcript, claim, policy } = await session(shop, [
      ...['--suspect', shop.model],
    ]);
    expect(judge.stdout).to.match(
      /^proved, (3[6-9]|40) of 40 matched \(36 needed\), chance 2\^-1\d\d\./,
    );
    expect(judge.code).to.equal(0);
    expect(owner.code).to.equal(0);
    expect(owner.stderr).to.match(/opening batch [01] \(40 triggers\)/);
    const owned = /transcript (.*\.transcript)$/m.exec(owner.stderr)?.[1] ?? '';
    expect(existsSync(owned), owned).to.equal(true);
    const [verified, asJson, inspected, ledger] = await Promise.all([
      succeeds(['verify', transcript, '--commitment', shop.commitment, '--policy', policy]),
      succeeds(['verify', owned, '--json', '--policy', policy]),
      succeeds(['inspect', transcript]),
      succeeds(['inspect', join(claim, 'ledger.veilmark')]),
    ]);
    expect(verified.stdout).to.match(/^verdict: proved, /m);
    expect(verified.stdout).to.match(/^Not checked:$/m);
    expect(verified.stdout).not.to.match(/^FAIL|^-- /m);
    const report = JSON.parse(asJson.stdout) as { verdict: string; log2PValue: number };
    expect(report).to.include({ verdict: 'proved', challenged: 40, threshold: 36 });
    expect(report.log2PValue).to.be.lessThan(-100);
    expect(inspected.stdout).to.match(/acknowledgement from the owner/);
    expect(ledger.stdout).to.match(/^opened +1$/m);
    // Without the file, a reader demands the default policy, which this session falls short of.
    const stricter = await veilmark(['verify', transcript]);
    expect(stricter.stdout).to.match(/^verdict: inconclusive, .*cause policy\.weak/m);
    expect(stricter.code).to.equal(4);
  });

  it('proves the same model behind an endpoint, and loses against an unmarked one', async () => {
    const folder = newFolder();
    const unmarked = join(folder, 'unmarked');
    const [server] = await Promise.all([
      start(['serve-model', shop.model, '--port', '0', '--name', 'suspect']),
      succeeds(['train', unmarked, '--data', shop.data, ...quick.slice(0, -2)]),
    ]);
    const [, url = ''] = await server.says(/serving suspect on (http:\S+)/);
    const [served, lost] = await Promise.all([
      session(shop, ['--endpoint', url, '--endpoint-model', 'suspect']),
      session(shop, ['--suspect', unmarked]),
    ]);
    expect(served.judge.stdout).to.match(/^proved, /);
    expect(lost.judge.stdout).to.match(/^not-proved, \d+ of 40/);
    expect(lost.judge.code).to.equal(1);
    expect((await veilmark(['verify', lost.transcript, '--policy', lost.policy])).code).to.equal(1);
    expect((await server.interrupt()).code).to.equal(0);
  });

  it('opens each batch once, and is inconclusive when none is left', async () => {
    const first = await session(shop, ['--suspect', shop.model]);
    const { claim } = first;
    const second = await session(shop, ['--suspect', shop.model, '--earlier', first.transcript], {
      claim,
    });
    expect(second.judge.code).to.equal(0);
    const third = await session(shop, ['--suspect', shop.model], { claim });
    expect(third.judge.stdout).to.equal('inconclusive, cause session.no-batch\n');
    expect(third.judge.code).to.equal(4);
    expect((await veilmark(['verify', third.transcript])).code).to.equal(4);
  });

  it('takes any judge but those that --judge-key leaves out', async () => {
    const { stdout } = await succeeds(['keygen', join(newFolder(), 'k'), '--plain']);
    const words = ['prove', '--claim', shop.claim, '--key', shop.ownerKey, '--once'];
    // With TLS the line is refused already (provers.test.ts); without, the hello is.
    const listen = ['--listen', '127.0.0.1:0', '--plain', '--judge-key', stdout.trim()];
    const prover = await start([...words, ...listen]);
    const [, address = ''] = await prover.says(/listening on (wss?:\S+),/);
    const transcript = join(newFolder(), 't');
    const judge = await veilmark([
      ...judgeWords(shop, transcript, address),
      ...['--suspect', shop.model],
    ]);
    expect(judge.stdout).to.match(/^inconclusive, cause prove\.judge/);
    expect(judge.code).to.equal(4);
    expect((await prover.interrupt()).code).to.equal(0); // a stranger does not use up --once
  });
});
