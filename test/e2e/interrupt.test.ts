import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { formatShape } from '../../src/base/index.js';
import { openCommitment } from '../../src/commitment/index.js';
import { systemRandom } from '../../src/crypto/index.js';
import type { Suspect } from '../../src/protocol/index.js';
import { connectWebSocket } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { noiseImages, testPolicy } from '../support/claim.js';
import { judgeKey } from '../support/session.js';
import { fails, newFolder, type Running, start, succeeds, veilmark } from './veilmark.js';
import {
  classes,
  copyClaim,
  judgeWords,
  listing,
  quick,
  type Workshop,
  workshop,
} from './workshop.js';

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
    const [, address = ''] = await idle.says(/listening on (wss?:\S+),/);
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

  it('cuts a prover’s sessions off after the time of grace, or at a second signal', async () => {
    const words = ['prove', '--claim', copyClaim(shop), '--key', shop.ownerKey, '--plain'];
    const listen = [...words, '--listen', '127.0.0.1:0', '--grace'];
    const hasty = await start([...listen, '0']);
    await endlessSession(hasty);
    expect((await hasty.interrupt()).stderr).to.match(
      /the session waits for the judge to come back/,
    );
    const patient = await start([...listen, '600']);
    await endlessSession(patient);
    patient.child.kill('SIGTERM');
    await patient.says(/waiting up to 600 seconds/);
    await new Promise((done) => setTimeout(done, 200));
    expect(patient.child.exitCode).to.equal(null);
    patient.child.kill('SIGTERM');
    expect((await patient.ended).code).to.equal(0);
  });

  /** A session with a suspect that never answers. */
  async function endlessSession(prover: Running): Promise<void> {
    const [, address = ''] = await prover.says(/listening on (wss?:\S+),/);
    const commitment = openCommitment(new Uint8Array(readFileSync(shop.commitment)));
    const channel = await connectWebSocket(address, { maxMessage: 1_000_000, seconds: 5 });
    const shape = { height: 8, width: 8, channels: 1 };
    const suspect: Suspect = {
      descriptor: {
        ...{ kind: 'test', identity: 'silent', preprocessing: 'none', digest: '5d'.repeat(32) },
        ...{ shape: formatShape(shape), classes },
      },
      classify: () => new Promise(() => undefined),
      close: () => Promise.resolve(),
    };
    const decoys = noiseImages('decoys', 40, shape).map((picture) => ({
      image: picture,
      kind: 'abstract' as const,
    }));
    void runJudge({
      ...{ channel, commitment, suspect, decoys, policy: testPolicy, key: judgeKey },
      ...{ random: systemRandom, now: () => new Date() },
    });
    await prover.says(/opening batch/);
  }
});
