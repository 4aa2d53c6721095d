import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { fails, newFolder, start, succeeds, veilmark } from './veilmark.js';
import { copyClaim, judgeWords, listing, quick, type Workshop, workshop } from './workshop.js';

describe('Ctrl-C', function () {
  this.timeout(120_000);
  let shop: Workshop;

  before(async () => {
    shop = await workshop();
  });

  it('stops training with a checkpoint from which --resume comes to the very same model', async () => {
    const folder = newFolder();
    const model = join(folder, 'model');
    const words = ['embed', model, '--claim', shop.claim, '--data', shop.data, ...quick];
    const run = await start(words);
    await run.says(/epoch 2:/);
    const stopped = await run.interrupt();
    expect(stopped.code, stopped.stderr).to.equal(5);
    expect(stopped.stderr).to.match(/\[training\.stopped\]\nhint: .*--resume/);
    expect(listing(folder)).to.deep.equal(['model.checkpoint']);
    await fails({ code: 'checkpoint.exists', exit: 2 }, words);
    await fails({ code: 'checkpoint.other-run', exit: 2 }, [...words, '--resume', '--seed', '2']);
    const inspected = await succeeds(['inspect', `${model}.checkpoint`]);
    expect(inspected.stdout).to.match(/^kind +training checkpoint/);
    await succeeds([...words, '--resume']);
    expect(listing(folder).filter((name) => !name.includes('/'))).to.deep.equal(['model']);
    const digest = async (path: string): Promise<string | undefined> =>
      /^digest +(\w+)$/m.exec((await succeeds(['inspect', path])).stdout)?.[1];
    expect(await digest(model))
      .to.be.a('string')
      .and.equal(await digest(shop.model));
  });

  it('ends a prover that waits, and one that waits for a session only after it', async () => {
    const words = ['prove', '--claim', copyClaim(shop), '--key', shop.ownerKey];
    const idle = await start([...words, '--listen', '127.0.0.1:0']);
    const [, address = ''] = await idle.says(/listening on (ws:\S+),/);
    const transcript = join(newFolder(), 't');
    const words2 = [...judgeWords(shop, transcript, address), '--suspect', shop.model];
    const judge = veilmark(words2);
    await idle.says(/opening batch/);
    const ended = await idle.interrupt();
    expect(ended.code).to.equal(0);
    expect(ended.stderr).to.match(/proved, .*\n.*transcript /);
    expect((await judge).code).to.equal(0);
    expect(existsSync(transcript)).to.equal(true);
    const waiting = await start([...words, '--listen', '127.0.0.1:0']);
    await waiting.says(/listening/);
    expect((await waiting.interrupt()).code).to.equal(0);
  });
});
